# Installed packages are packed again, offered by a repository of files, fetched by apt and installed
# into a copy of the host's root, with their own scripts. Without set bits: who packs is not dpkg.
repo=$ROOT/srv/repo
mkdir -p "$repo"
for name in passwd libpam-runtime openssh-client procps debianutils; do
  dpkg-query -W "$name" > /dev/null 2>&1 || continue
  tree=$S/tree-$name
  mkdir -p "$tree/DEBIAN"
  dpkg-query -L "$name" | while read -r path; do
    if [ -f "$path" ] || { [ -L "$path" ] && [ ! -d "$path" ]; }; then echo "$path"; fi
  done | tar --no-recursion --mode=ug-s -C / -cf - -T - 2> /dev/null | tar -C "$tree" -xf -
  dpkg-query -s "$name" |
    grep -E '^(Package|Version|Architecture|Maintainer|Depends|Pre-Depends|Essential): ' > "$tree/DEBIAN/control"
  echo 'Description: packed again' >> "$tree/DEBIAN/control"
  for part in preinst postinst prerm postrm config templates triggers conffiles; do
    from=/var/lib/dpkg/info/$name.$part
    if [ -f "$from" ]; then cp "$from" "$tree/DEBIAN/$part"; fi
  done
  dpkg-deb --build "$tree" "$repo" > /dev/null
  rm -r "$tree"
done
for deb in "$repo"/*.deb; do
  dpkg-deb --field "$deb"
  echo "Filename: ./${deb##*/}"
  echo "Size: $(stat -c %s "$deb")"
  echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"
  echo
done > "$repo/Packages"
echo 'deb [trusted=yes] file:/srv/repo ./' > "$ROOT/srv/local.list"
# shellcheck disable=SC2016
cat > "$ROOT/srv/install" <<'END'
#!/bin/sh
set -e
export DEBIAN_FRONTEND=noninteractive
apt="apt-get -q -o Dir::Etc::sourcelist=/srv/local.list -o Dir::Etc::sourceparts=/dev/null"
$apt update
cd /srv
names=$(sed -n 's/^Package: //p' repo/Packages)
$apt download $names
$apt install -y --reinstall --allow-downgrades -o Dpkg::Options::=--force-confold $names
dpkg --audit
END
chmod 755 "$ROOT/srv/install"
enter /srv/install > "$S/packages.log" 2>&1
