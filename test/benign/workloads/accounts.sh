# An administrator's day in a copy of the host's root: with the tools that are made for it.
cat > "$ROOT/srv/accounts" <<'END'
#!/bin/sh
set -e
groupadd weirtest
useradd --system --no-create-home --gid weirtest --shell /usr/sbin/nologin weirservice
usermod -c 'a service' weirservice
gpasswd -a weirservice weirtest
chage -l weirservice
userdel weirservice
ldconfig
update-alternatives --install /usr/bin/weirtest weirtest /bin/true 10
update-alternatives --remove weirtest /bin/true
mktemp
END
chmod 755 "$ROOT/srv/accounts"
enter /srv/accounts > "$S/accounts.log" 2>&1
