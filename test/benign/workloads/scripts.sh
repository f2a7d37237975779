# What cron and services run: checks, rotation, a service that answers and stops, interpreters.
mkdir -p "$S/cron" "$S/logs" && cd "$S/cron"
for part in clean report rotate; do
  printf '#!/bin/sh\nset -e\ncd %s\n' "$S/logs" > "$part"
  chmod 755 "$part"
done
echo 'find . -name "*.old" -mtime +7 -delete' >> clean
echo 'df -P . > report; date >> report; ls -l >> report' >> report
echo 'if [ -f app.log ]; then mv app.log app.log.1; gzip -f app.log.1; fi; : > app.log' >> rotate
echo started > "$S/logs/app.log"
run-parts --test . > /dev/null && run-parts .
# As cron does it: a shell for a line of a table, as another user.
/bin/sh -c 'cd / && true'
setpriv --reuid nobody --clear-groups /bin/sh -c 'cd / && test -d /etc'
mkdir -p "$S/spool/crontabs" && echo '* * * * * /bin/true' > "$S/spool/crontabs/somebody"
busybox crond -f -c "$S/spool/crontabs" -L "$S/logs/crond" & cron=$!
busybox httpd -f -p 127.0.0.1:18231 -h "$S/logs" & server=$!
until busybox wget -q -O /dev/null http://127.0.0.1:18231/report 2> /dev/null; do sleep 0.05; done
curl -s -o "$S/logs/fetched" http://127.0.0.1:18231/report || true
wget -q -O "$S/logs/fetched.2" http://127.0.0.1:18231/report || true
kill $server $cron; wait $server $cron || true
python3 -c 'import json, subprocess; json.dumps(1); subprocess.run(["/bin/true"])'
mkdir -p "$S/py" && cd "$S/py" && echo 'def f(): return 1' > mod.py
echo 'import unittest, mod
class T(unittest.TestCase):
    def test_f(self): self.assertEqual(mod.f(), 1)' > test_mod.py
python3 -m compileall -q . && python3 -m unittest -q 2> /dev/null
perl -MFile::Temp -e 'my $f = File::Temp->new; print $f "x"; system("true")'
bash -c 'HISTFILE='"$S"'/history; set -o history; echo a > /dev/null; history -w'
ps aux > /dev/null; uptime > /dev/null; free > /dev/null; ip addr > /dev/null
su -s /bin/sh nobody -c 'exit 0' || true
