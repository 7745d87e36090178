# Shared by scripts/: what Debian packages the build needs, and how to build.
packages="libopenblas-dev libedit-dev libpng-dev libjpeg62-turbo-dev libarchive-dev libcairo2-dev libpcre2-dev libcurl4-openssl-dev libssl-dev zlib1g-dev libsqlite3-dev fontconfig fonts-dejavu-core pkg-config"

# Installs what is missing when root; else names it and stops.
need_packages() {
  local missing=()
  for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
  else
    echo "Missing Debian packages: ${missing[*]}" >&2
    echo "Install them with: sudo apt-get install ${missing[*]}" >&2
    return 1
  fi
}

# One configuration for everything: release with testability, so that only one set of modules is built.
configuration="-c release -Xswiftc -enable-testing"

# Builds without what debuggers want (swift build, without these scripts, has it) and with memory in pages of 2 MB: both
# save the compiler time.
build() {
  GLIBC_TUNABLES="${GLIBC_TUNABLES:+$GLIBC_TUNABLES:}glibc.malloc.hugetlb=1" \
    swift build $configuration -debug-info-format none "$@"
}
