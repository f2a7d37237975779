import type { StateTable } from '../../bridge/table.ts';
import { aptSources } from './apt-sources.ts';
import { debPackageFiles } from './deb-package-files.ts';
import { debPackages } from './deb-packages.ts';
import { npmPackages } from './npm-packages.ts';
import { portageKeywords } from './portage-keywords.ts';
import { portagePackages } from './portage-packages.ts';
import { portageUse } from './portage-use.ts';
import { pythonPackages } from './python-packages.ts';
import { rpmPackageFiles } from './rpm-package-files.ts';
import { rpmPackages } from './rpm-packages.ts';
import { yumSources } from './yum-sources.ts';

export const PACKAGE_TABLES: readonly StateTable[] = [
  aptSources,
  debPackageFiles,
  debPackages,
  npmPackages,
  portageKeywords,
  portagePackages,
  portageUse,
  pythonPackages,
  rpmPackageFiles,
  rpmPackages,
  yumSources,
];
