"""Archives the Java classes that a start of Spark loads, so that each start maps them instead of reading 300 jars.

`archive_classes.py FOLDER` writes there `start.jar`, which names Spark's jars in a fixed order, and `start.jsa`, the archive
(Java's « AppCDS »). Java leaves an archive aside whose jars or whose class path are others than now, and starts as without.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyspark
from pyarrow import parquet
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

JARS = Path(pyspark.__file__).parent / "jars"
LINE = 70


def main(folder: Path) -> None:
    folder.mkdir(parents=True)
    jar, archive = folder / "start.jar", folder / "start.jsa"
    name_jars(jar)
    options = f"-XX:ArchiveClassesAtExit={archive} -Xlog:disable"
    subprocess.run(
        [sys.executable, __file__],
        env=os.environ | {"SPARK_SUBMIT_OPTS": options, "PYSPARK_PYTHON": sys.executable},
        check=True,
    )
    archive.chmod(0o444)


def name_jars(jar: Path) -> None:
    """Writes a jar that stands for Spark's: their wildcard gives them in the order of the folder, which a copy of the image
    may change. The names are relative: Java archives no class of jars that a manifest names otherwise."""
    names = " ".join(os.path.relpath(one, jar.parent) for one in sorted(JARS.glob("*.jar")))
    line = f"Class-Path: {names}"
    folded = "\r\n ".join(line[at : at + LINE] for at in range(0, len(line), LINE))
    with zipfile.ZipFile(jar, "w") as written:
        written.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\r\n{folded}\r\n\r\n")


def start() -> None:
    """What a session does first: views of a release's tables, and a query of them."""
    rows = pa.table({"subject_id": [1, 2, 3], "code": ["a", "b", "c"]})
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/event.parquet"
        parquet.write_table(rows, file)
        spark = SparkSession.builder.getOrCreate()
        read = spark.read.schema(from_arrow_schema(rows.schema)).parquet(file)
        read.where("code <> 'c'").createOrReplaceTempView("event")
        spark.sql("SELECT code, count(*) AS n FROM event GROUP BY code ORDER BY code").toPandas()
        java = spark.sparkContext._gateway.proc
        spark.stop()
    # It ends, and writes the archive, once nobody can ask it for more.
    java.stdin.close()
    java.wait()


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]))
    else:
        start()
