# In a session: invented releases, then the R package's own tests, its vignette, the first notebook in R and the R
# Markdown file.
# Its standard input is a tar, in base64, of what is to be run. What it prints last is one line of JSON.
set -eu
cd /tmp
base64 -d | tar -x
{
    openchronic synth source --patients 1500 --seed 1 --years 1
    openchronic build source releases --quiet
} >made.log 2>&1 || { tail -n 20 made.log >&2; exit 1; }
export OPENCHRONIC_RELEASES=/tmp/releases

said() { # NAME COMMAND...: runs it, and keeps what it says
    name=$1
    shift
    "$@" >"$name.log" 2>&1 && echo 0 >"$name.status" || echo $? >"$name.status"
}
said suite Rscript suite.R
said vignette Rscript -e 'rmarkdown::render("openchronic.Rmd", output_file = "/tmp/vignette.html", quiet = TRUE)'
said report Rscript -e 'rmarkdown::render("rapport-r.Rmd", output_file = "/tmp/report.html", quiet = TRUE)'
said premiers-pas-r jupyter nbconvert --execute --to html --KernelManager.transport=ipc premiers-pas-r.ipynb
said quiet Rscript -e 'library(openchronic); invisible(oc_query("SELECT 1"))'
python - <<'PYTHON'
import json
from pathlib import Path

there = Path("/tmp")
print(json.dumps({
    name: {
        "status": int((there / f"{name}.status").read_text()),
        "log": (there / f"{name}.log").read_text()[-4000:],
    }
    for name in ("suite", "vignette", "report", "premiers-pas-r", "quiet")
} | {
    "pages": {
        one: (there / one).read_text()
        for one in ("vignette.html", "report.html", "premiers-pas-r.html")
        if (there / one).exists()
    },
}))
PYTHON
