/**
 * osquery's tables for Linux that weir does not have, and why: for the reference, so that nobody looks
 * for them in vain. test/tables/left-out.test.ts holds it against osquery's list and weir's own.
 */
export interface LeftOut {
  readonly tables: readonly string[];
  readonly reason: string;
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    tables: ['curl'],
    reason:
      'A query must not make the daemon, which is root, connect to an address that the query names',
  },
  {
    tables: [
      'azure_instance_metadata',
      'azure_instance_tags',
      'ec2_instance_metadata',
      'ec2_instance_tags',
      'ycloud_instance_metadata',
    ],
    reason:
      'They ask a metadata server over the network at each query; `system_info` has what the firmware says about the machine',
  },
  {
    tables: ['augeas'],
    reason:
      'Its lenses are a library of their own; the tables of single files say the same of those',
  },
  {
    tables: ['carbon_black_info'],
    reason: 'It describes the installation of another product',
  },
  {
    tables: ['intel_me_info'],
    reason: 'It opens the management engine, which only one program may have open',
  },
  {
    tables: [
      'lxd_certificates',
      'lxd_cluster',
      'lxd_cluster_members',
      'lxd_images',
      'lxd_instance_config',
      'lxd_instance_devices',
      'lxd_instances',
      'lxd_networks',
      'lxd_storage_pools',
    ],
    reason:
      "Not yet: LXD tells of them by its socket; its containers' processes are in `processes`",
  },
  {
    tables: [
      'apparmor_profiles',
      'carves',
      'certificates',
      'device_file',
      'device_hash',
      'device_partitions',
      'secureboot_certificates',
    ],
    reason: 'Not yet',
  },
  {
    tables: ['curl_certificate'],
    reason: 'As `curl`; its rows need a connection too',
  },
  {
    tables: ['prometheus_metrics'],
    reason: 'It asks addresses over the network at each query',
  },
  {
    tables: ['jetbrains_plugins'],
    reason: 'Not yet: what it shows is inside compressed archives',
  },
  {
    tables: ['docker_container_processes'],
    reason:
      'The daemon runs `ps` on the host for it; `processes` joined with `docker_containers` by `process_namespaces` says the same',
  },
];
