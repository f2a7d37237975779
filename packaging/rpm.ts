/** The RPM package, by rpmbuild: its tree is made before, so the spec only lists it. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';
import { makeTree, type Release } from './tree.ts';

const ARCHITECTURE: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Builds weir-VERSION-1.ARCH.rpm in `out` and returns its path. */
export function buildRpm(release: Release, work: string, out: string): string {
  const architecture = ARCHITECTURE[process.arch];
  if (architecture === undefined) throw new Error(`no RPM architecture for ${process.arch}`);
  const top = join(work, 'rpm');
  rmSync(top, { recursive: true, force: true });
  mkdirSync(top, { recursive: true });
  const tree = join(top, 'tree');
  makeTree(release, tree, 'site-functions');
  const spec = join(top, 'weir.spec');
  const values: Record<string, string> = { version: release.version, tree };
  const template = readFileSync(join(release.root, 'packaging/rpm/weir.spec'), 'utf8');
  writeFileSync(
    spec,
    template.replaceAll(/@(\w+)@/g, (_, name: string) => values[name] ?? ''),
  );
  const definitions = {
    _topdir: top,
    _rpmdir: top,
    _build_name_fmt: 'weir.rpm',
    _buildhost: 'weir',
    _dbpath: join(top, 'db'),
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    source_date_epoch_from_changelog: '0',
    // Everything is stripped already, and what depends on what is said in the spec.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    _build_id_links: 'none',
    _binary_payload: `w${release.level}.xzdio`,
  };
  const defines = Object.entries(definitions).flatMap(([name, value]) => [
    '--define',
    `${name} ${value}`,
  ]);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(release.time) };
  run('rpmbuild', ['-bb', '--target', `${architecture}-linux`, ...defines, spec], { env });
  const path = join(out, `weir-${release.version}-1.${architecture}.rpm`);
  renameSync(join(top, 'weir.rpm'), path);
  return path;
}
