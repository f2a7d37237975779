# npm ci of a project whose packages are files here, with scripts that run at installation.
mkdir -p "$S/npm/project" "$S/npm/cache"
cd "$S/npm"
packed=
for i in 1 2 3 4 5 6 7 8; do
  mkdir -p "part$i/lib" "part$i/bin"
  cat > "part$i/package.json" <<END
{ "name": "weir-part$i", "version": "1.0.$i", "main": "lib/index.js", "bin": { "part$i": "bin/run.js" },
  "scripts": { "install": "node lib/build.js", "postinstall": "node -e \"console.log(process.version)\"" } }
END
  for j in 1 2 3 4 5 6 7 8 9; do echo "exports.n$j = () => $j;" > "part$i/lib/m$j.js"; done
  echo "exports.one = require('./m1.js');" > "part$i/lib/index.js"
  echo "require('fs').writeFileSync('built', String(Date.now()));" > "part$i/lib/build.js"
  printf '#!/usr/bin/env node\nconsole.log("run");\n' > "part$i/bin/run.js"
  npm pack --silent --cache cache "./part$i" > /dev/null
  packed="$packed ../weir-part$i-1.0.$i.tgz"
done
cd project
echo '{ "name": "project", "version": "1.0.0", "private": true, "scripts": { "test": "node -e 1", "prepare": "node -e 2" } }' > package.json
# shellcheck disable=SC2086
npm install --silent --offline --no-audit --no-fund --cache ../cache $packed
rm -rf node_modules
npm ci --silent --offline --no-audit --no-fund --cache ../cache
npm test --silent
./node_modules/.bin/part1 > /dev/null
