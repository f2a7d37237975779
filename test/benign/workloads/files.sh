# tar, find, rsync, sed, sort, compressors, checksums, saving as editors do.
mkdir -p "$S/data" && cd "$S/data"
i=0
while [ $i -lt 200 ]; do
  i=$((i + 1))
  mkdir -p "d$((i % 20))"; echo "line $i" > "d$((i % 20))/f$i.txt"
done
find . -type f -name '*.txt' | xargs grep -l 'line 1' | sort > list
find . -type f -newer list -exec ls -l {} + > /dev/null
find . -name 'f1*.txt' -exec sh -c 'cat "$1" > /dev/null' _ {} \;
find . -name 'f2*.txt' -delete
tar -czf "$S/data.tar.gz" . && mkdir "$S/unpacked" && tar -C "$S/unpacked" -xzf "$S/data.tar.gz"
tar -cf - . | (cd "$S/unpacked" && tar -xf -)
rsync -a --delete ./ "$S/mirror/"; echo new > d1/new; rsync -a --delete ./ "$S/mirror/"
cp -a . "$S/copied"; mv "$S/copied" "$S/moved"; rm -rf "$S/moved"
gzip -k list && zcat list.gz > /dev/null; xz -k list; bzip2 -k list 2> /dev/null || true
sha256sum d*/*.txt > sums && sha256sum --quiet -c sums
sed -i 's/line/LINE/' d3/*.txt; awk '{ n += $2 } END { print n }' d3/*.txt > /dev/null
for file in d4/*.txt; do cp "$file" "$file.tmp"; echo edited >> "$file.tmp"; mv "$file.tmp" "$file"; done
split -l 10 sums part. && cat part.* > joined && cmp sums joined
diff -r d4 "$S/unpacked/d4" > /dev/null || true
base64 list | base64 -d > /dev/null; xxd list > /dev/null 2>&1 || true; od -c list > /dev/null
du -sh . > /dev/null; df -h . > /dev/null; ls -laR . > /dev/null; stat list > /dev/null
dd if=/dev/zero of=zeros bs=1M count=4 2> /dev/null; truncate -s 0 zeros; rm zeros
touch -d '2 days ago' old; chmod -R g+w d5; chmod 700 d6; ln -s d6 link; mkfifo pipe; rm pipe
tmp=$(mktemp -d); echo x > "$tmp/x"; rm -r "$tmp"
