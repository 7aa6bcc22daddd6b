# sound FOLDER: fails, with the reason, if somebody other than root could redirect what root does in FOLDER. No part of
# its path may be a link or lie in a folder that others may write in, since they could replace it by a link at any time.
# With MAKE set, missing parts are created and belong to root; FOLDER itself may get another owner later, its parents
# may not.
sound() (
  # Set in tests only: their folders lie below /tmp, where everybody may write.
  way=${FOLDERS_BELOW-}
  set -f
  IFS=/
  for part in ${1#"$way"}; do
    [ -n "$part" ] || continue
    around=${way:-/}
    way=$way/$part
    if [ -L "$way" ]; then
      echo "$way is a link (to $(readlink "$way")), and root follows none here: name the folder itself, or put it in the link's place" >&2
      exit 1
    fi
    if ! [ -O "$around" ] || [ -n "$(find "$around" -maxdepth 0 -perm /022)" ]; then
      echo "$around belongs to $(stat -c '%U:%G, mode %a' "$around"): others than root could put a link in the place of $way. Give $around to root, and write access to nobody else (chown root $around; chmod go-w $around)" >&2
      exit 1
    fi
    if [ -n "${MAKE-}" ] && ! [ -e "$way" ]; then mkdir -m 755 "$way"; fi
    if ! [ -d "$way" ]; then
      echo "$way is missing, or no folder" >&2
      exit 1
    fi
  done
)
