# Boots a Docker host: runs in its network namespace and in new mount and host name namespaces,
# with the host's name and a file for its process id as its arguments, and stays as the process
# that keeps them in existence.
set -eu

echo "$1" > /proc/sys/kernel/hostname
mount --make-rprivate /

# Sockets of volume plugins, of containerd's shims and of Docker itself have fixed places in /run,
# and what is in there ends with a boot.
mount -t tmpfs tmpfs /run
mkdir -p /run/docker/plugins /run/lock

# Each boot of each host has its own id, as on machines of their own.
cat /proc/sys/kernel/random/uuid > /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id

# Docker lets nothing in but published ports. What the other hosts send to a container's own
# address is let in here, in the one chain that Docker leaves to the administrator.
iptables -w -N DOCKER-USER 2> /dev/null || iptables -w -F DOCKER-USER
iptables -w -A DOCKER-USER -i eth0 -j ACCEPT

# Tells that it is done, and which process to join: this script becomes the keeper.
echo $$ > "$2"
exec sleep infinity
