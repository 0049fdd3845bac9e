#!/bin/sh
# Puts flannel's network into etcd, unless there is one: hosts keep their subnets over restarts.
# Its variables come from /etc/sysconfig/flanneld and /etc/sysconfig/flannel-network.
set -eu
export ETCDCTL_API=3
key="$FLANNEL_ETCD_PREFIX/config"
etcd() { etcdctl --endpoints="$FLANNEL_ETCD_ENDPOINTS" --command-timeout=5s "$@"; }

found="$(etcd get --print-value-only "$key")"
if [ -n "$found" ]; then
  echo "$key is there: $found"
else
  etcd put "$key" "$FLANNEL_NETWORK_CONFIG"
fi
