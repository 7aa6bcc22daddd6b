# The graph of images: base <- spark <- jupyter (which adds openchronic last, on spark's environment). Run from the folder that holds images/, openchronic_env/,
# spark-conf/ and build/ (rootfs.tar, ca-certificates.crt). No registry is ever asked: every parent is a target.

variable "REGISTRY" {
  default = "openchronic"
}

variable "KEY_BASE" {
  default = "dev"
}

variable "KEY_SPARK" {
  default = "dev"
}

variable "KEY_JUPYTER" {
  default = "dev"
}

variable "HTTP_PROXY" {
  default = ""
}

variable "HTTPS_PROXY" {
  default = ""
}

variable "NO_PROXY" {
  default = ""
}

group "default" {
  targets = ["base", "spark", "jupyter"]
}

# Docker passes these names to RUN without an ARG, and keeps them out of the image and its history.
target "_common" {
  context = "."
  args = {
    HTTP_PROXY  = HTTP_PROXY
    HTTPS_PROXY = HTTPS_PROXY
    NO_PROXY    = NO_PROXY
  }
}

# The index may hold a password. As a secret it stays out of the history, and another mirror of the same
# locked packages rebuilds nothing. An empty or absent PYPI_INDEX in the environment means PyPI itself.
target "_python" {
  inherits = ["_common"]
  secret   = ["id=pypi_index,env=PYPI_INDEX"]
}

target "base" {
  inherits   = ["_common"]
  dockerfile = "images/base/Dockerfile"
  tags       = ["${REGISTRY}/base:${KEY_BASE}"]
}

# Parts of images/spark/Dockerfile that the images above it use; none of them is an image of its own.
target "_part" {
  inherits   = ["_python"]
  dockerfile = "images/spark/Dockerfile"
  contexts = {
    base = "target:base"
  }
  output = ["type=cacheonly"]
}

target "tools" {
  inherits = ["_part"]
  target   = "tools"
}

target "wheel" {
  inherits = ["_part"]
  target   = "wheel"
}

target "environment" {
  inherits = ["_part"]
  target   = "environment"
}

target "spark" {
  inherits   = ["_python"]
  dockerfile = "images/spark/Dockerfile"
  contexts = {
    base = "target:base"
  }
  tags = ["${REGISTRY}/spark:${KEY_SPARK}"]
}

target "jupyter" {
  inherits   = ["_python"]
  dockerfile = "images/jupyter/Dockerfile"
  contexts = {
    environment = "target:environment"
    tools       = "target:tools"
    wheel       = "target:wheel"
  }
  tags = ["${REGISTRY}/jupyter:${KEY_JUPYTER}"]
}
