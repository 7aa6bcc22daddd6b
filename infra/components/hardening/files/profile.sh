# ANSSI BP-028, R32 and R36: operators' files are closed to others, and an idle shell ends.
umask 027
if [ -n "${BASH_VERSION:-}" ]; then
  typeset -xr TMOUT=600 2>/dev/null
fi
