#!/bin/sh
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Process 1 of the VM: gives it folders of its own, then starts what a VM runs. Everything ends with this process, and
# every mount with its namespace. Arguments: the folder that holds the VM, and the control group of its containers.
set -eu

state=$1
cgroup=$2
# The number that the world outside knows this process by: /proc is still the one from outside.
read -r pid _ </proc/self/stat

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/sshd /run/bed
mount --bind "$state" /run/bed
for place in etc home opt root srv tmp usr/local; do
  mount --bind "/run/bed/$place" "/$place"
done
# Programs can be taken away and replaced; the real ones are at /run/real. On a tmpfs, as not everything can lie below.
mkdir -m 755 /run/real /run/upper /run/work
mount --bind /usr/bin /run/real
mount -t overlay -o lowerdir=/usr/bin,upperdir=/run/upper,workdir=/run/work overlay /usr/bin
mount -t proc proc /proc
cd /

dockerd --host unix:///run/docker.sock --pidfile /run/docker.pid --group root \
  --data-root /run/bed/docker/data --exec-root /run/bed/docker/exec \
  --iptables=false --ip-forward=false --ip-masq=false --bridge=none --cgroup-parent "$cgroup" \
  >/run/bed/log/dockerd 2>&1 &
/usr/sbin/sshd -D -e -f /etc/ssh/vm_config >/run/bed/log/sshd 2>&1 &
/usr/sbin/sshd -D -e -f /etc/ssh/git_config >/run/bed/log/sshd_git 2>&1 &

echo "$pid" >/run/bed/pid.new
mv /run/bed/pid.new /run/bed/pid
# Also waits for orphans, so that none stays a zombie.
while :; do wait; sleep 1; done
