# A repository with a history, cloned, branched, merged, packed, bundled.
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@host.example GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@host.example
export HOME="$S/githome"; mkdir -p "$HOME"
git init -q -b main "$S/repository"
cd "$S/repository"
for i in 1 2 3 4 5 6 7 8 9 10; do
  mkdir -p "folder$i"; echo "text $i" > "folder$i/file"; echo "$i" >> log
  git add -A && git commit -q -m "step $i"
done
git branch side HEAD~3 && git checkout -q side && echo side > side && git add side && git commit -q -m side
git checkout -q main && git merge -q -m merge side
git tag -m release v1
git clone -q --no-hardlinks "$S/repository" "$S/clone"
git clone -q --bare "$S/repository" "$S/bare.git"
cd "$S/clone"
git config user.name somebody
echo more >> log && git commit -q -am more
git fetch -q origin && git rebase -q origin/main || git rebase --abort
git push -q "$S/bare.git" HEAD:refs/heads/other
git log --stat > /dev/null && git grep -q text && git stash list
git archive --format=tar.gz -o "$S/archive.tar.gz" HEAD
git bundle create -q "$S/all.bundle" --all
git worktree add -q "$S/worktree" HEAD~1
git gc -q && git fsck > /dev/null 2>&1
