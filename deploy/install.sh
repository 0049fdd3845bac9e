#!/bin/sh
# Makes this machine the master or a node of the three-host cluster.
#
#   install.sh master k8s-master           on the first host
#   install.sh node node1                  on each of the others, with its name
#   install.sh --into DIR master|node NAME only lays out the files, below DIR
#
# Before it: /etc/hosts of deploy/etc/hosts says which host has which address; edit it where yours differ.
# After it: `systemctl start` as it prints at the end.
#
# CentOS 7 (a Node 20 built for its glibc 2.17 comes in the variable NODE), and the Debian and Red Hat
# families of today. Runs as root; may be run again.
set -eu

here="$(cd "$(dirname "$0")" && pwd)"
home="$(dirname "$here")"
daemons="kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kube-dns flanneld mk-docker-opts kubeling"

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

into=""
if [ "${1:-}" = "--into" ]; then
  [ $# -eq 4 ] || usage
  into="$2"
  shift 2
fi
[ $# -eq 2 ] || usage
role="$1"
name="$2"
case "$role" in master | node) ;; *) usage ;; esac
case "$name" in "" | *[!a-z0-9.-]*) echo "install.sh: $name is no name for a host" >&2 && exit 2 ;; esac

node_program() {
  found="${NODE:-$(command -v node || true)}"
  if [ -z "$found" ] || ! "$found" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
    echo "install.sh: needs Node 20 or newer: set NODE to its path" >&2
    echo "  (for CentOS 7: node-v20-linux-x64-glibc-217, of the unofficial builds of nodejs.org)" >&2
    exit 1
  fi
  echo "$found"
}

# put MODE FILE PATH: copies a file of ours; the first version of one that was there stays as .bak
put() {
  mkdir -p "$(dirname "$into/$3")"
  if [ -f "$into/$3" ] && [ ! -e "$into/$3.bak" ] && ! cmp -s "$here/$2" "$into/$3"; then
    cp -p "$into/$3" "$into/$3.bak"
  fi
  install -m "$1" "$here/$2" "$into/$3"
}

units_of() {
  case "$1" in
    master) echo "etcd flannel-config flanneld registry kube-apiserver kube-controller-manager kube-scheduler kube-dns" ;;
    node) echo "flanneld kubelet kube-proxy" ;;
  esac
}

files_of() {
  common="kubernetes/config sysconfig/flanneld sysconfig/docker sysctl.d/90-kubeling.conf"
  case "$1" in
    master) echo "$common kubernetes/apiserver kubernetes/controller-manager kubernetes/scheduler kubernetes/dns kubernetes/example.yaml sysconfig/flannel-network etcd/etcd.conf registry/config.yml" ;;
    node) echo "$common kubernetes/kubelet kubernetes/proxy" ;;
  esac
}

# Red Hat's own unit of Docker reads /etc/sysconfig/docker by itself.
docker_reads_sysconfig() {
  [ -z "$into" ] && grep -qs '/etc/sysconfig/docker' /usr/lib/systemd/system/docker.service
}

lay_out() {
  for unit in $(units_of "$role"); do put 644 "systemd/$unit.service" "etc/systemd/system/$unit.service"; done
  put 644 systemd/docker.service.d/flannel.conf etc/systemd/system/docker.service.d/flannel.conf
  docker_reads_sysconfig ||
    put 644 systemd/docker.service.d/options.conf etc/systemd/system/docker.service.d/options.conf
  for file in $(files_of "$role"); do put 644 "etc/$file" "etc/$file"; done
  for file in kubelet proxy; do
    path="$into/etc/kubernetes/$file"
    if [ -f "$path" ]; then sed -i "s/--hostname-override=[a-z0-9.-]*/--hostname-override=$name/" "$path"; fi
  done
  lay_out_hosts
  lay_out_programs
  mkdir -p "$into/var/lib/kubelet" "$into/var/lib/etcd" "$into/var/lib/registry"
}

# The addresses of the three hosts, in /etc/hosts once.
lay_out_hosts() {
  hosts="$into/etc/hosts"
  if [ ! -f "$hosts" ]; then echo "127.0.0.1 localhost" >"$hosts"; fi
  while read -r line; do
    grep -qxF "$line" "$hosts" || echo "$line" >>"$hosts"
  done <"$here/etc/hosts"
}

lay_out_programs() {
  mkdir -p "$into/usr/local/bin"
  for daemon in $daemons; do
    program="$into/usr/local/bin/$daemon"
    printf '#!/bin/sh\nexec %s %s/dist/%s.js "$@"\n' "$node" "$installed" "$daemon" >"$program"
    chmod 755 "$program"
  done
  if [ "$role" = master ]; then
    put 755 flannel-config.sh usr/local/bin/flannel-config
    registry="$(command -v docker-registry || command -v registry || true)"
    if [ -n "$registry" ] && [ "$registry" != /usr/local/bin/registry ]; then
      ln -sf "$registry" "$into/usr/local/bin/registry"
    fi
  fi
}

packages() {
  case "$role" in
    master) debian="etcd-server etcd-client docker-registry" redhat="etcd docker-distribution" ;;
    node) debian="conntrack" redhat="conntrack-tools" ;;
  esac
  if command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086
    apt-get install -y docker.io iptables iproute2 procps $debian
  elif command -v dnf >/dev/null; then
    dnf install -y docker iptables iproute procps-ng $redhat || no_package
  else
    yum install -y docker iptables iproute procps-ng $redhat || no_package
  fi
}

no_package() {
  echo "install.sh: install docker (docker-ce where there is no docker) and $redhat by hand, then run this again" >&2
  exit 1
}

user() {
  getent passwd "$1" >/dev/null || useradd --system --user-group --home-dir / --shell /sbin/nologin "$1"
}

copy_programs() {
  mkdir -p "$installed"
  for part in dist node_modules bin scripts package.json; do
    rm -rf "${installed:?}/$part"
    cp -a "$home/$part" "$installed/$part"
  done
}

node="$(node_program)"
if [ ! -f "$home/dist/kubelet.js" ]; then
  echo "install.sh: there is no $home/dist: run npm ci && npm run build first" >&2
  exit 1
fi
if [ -n "$into" ]; then
  installed="$home"
  lay_out
  exit 0
fi

[ "$(id -u)" -eq 0 ] || { echo "install.sh: must be root" >&2 && exit 1; }
installed=/opt/kubeling
packages
if [ "$role" = master ]; then
  user kube
  user etcd
fi
if [ "$home" != "$installed" ]; then copy_programs; fi
lay_out
if [ "$role" = master ]; then chown etcd /var/lib/etcd; fi
hostnamectl --static set-hostname "$name"
modprobe br_netfilter || echo "install.sh: no br_netfilter: pods of one node may not reach each other by service" >&2
echo br_netfilter >/etc/modules-load.d/kubeling.conf
sysctl -q -p /etc/sysctl.d/90-kubeling.conf
systemctl daemon-reload
units="$(units_of "$role" | sed 's/[a-z-]*/&.service/g') docker.service"
# shellcheck disable=SC2086
systemctl enable $units
cat <<END
Installed. Start, the master first and then the nodes, with
  systemctl restart $units
Between the hosts these ports must be open: 2379 8080 5000 53 (master), 10250 (nodes), 8472/udp (all).
END
