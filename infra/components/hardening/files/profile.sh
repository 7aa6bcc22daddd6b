# ANSSI BP-028, R32 and R36: what an operator makes is not everybody's, and a shell that is left alone ends.
umask 027
if [ -n "${BASH_VERSION:-}" ]; then
  typeset -xr TMOUT=600 2>/dev/null
fi
