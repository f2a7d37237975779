# Packages of the distribution that bring services, accounts, timers, rules, set bits and hooks: fetched,
# unpacked, set up and purged by apt in a copy of the host's root, where no service is started.
printf '#!/bin/sh\nexit 101\n' > "$ROOT/usr/sbin/policy-rc.d"
chmod 755 "$ROOT/usr/sbin/policy-rc.d"
cat > "$ROOT/srv/install" <<'END'
#!/bin/sh
set -e
export DEBIAN_FRONTEND=noninteractive
names="cron logrotate sudo openssh-server at rsyslog nginx-light auditd apparmor ufw udev initramfs-tools
  man-db iputils-ping fail2ban exim4-daemon-light network-manager polkitd mariadb-server"
apt-get -q update
cd /tmp && apt-get -q download hello
apt-get -q install -y --no-install-recommends $names
apt-get -q install -y --reinstall passwd libpam-runtime openssh-client
apt-get -q purge -y fail2ban nginx-light ufw at
apt-get -q autoremove -y
dpkg --audit
test -u /usr/bin/sudo && test -d /etc/mysql
crontab -l || true
logrotate --force /etc/logrotate.conf || true
END
chmod 755 "$ROOT/srv/install"
enter /srv/install > "$S/install.log" 2>&1
