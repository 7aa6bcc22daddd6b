# sound FOLDER: is nobody but root able to lead what is done in FOLDER elsewhere? No part of the way to it may be a
# link, nor lie in a folder that others may write in: they would put a link in its place at the moment of their choice.
# With MAKE set, what is missing is made, root's; the folder itself may then be given away, what lies around it may not.
sound() (
  # Elsewhere only in tests, whose folders lie in one that everybody writes in.
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
