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
    tables: ['device_file', 'device_hash', 'device_partitions'],
    reason:
      'They read file systems beside the kernel, with The Sleuth Kit, whose parsers take whatever bytes a disk holds and would run as root; `block_devices`, `mounts`, `file` and `hash` show what the kernel sees',
  },
  {
    tables: ['curl_certificate'],
    reason: 'As `curl`; its rows need a connection too',
  },
  {
    tables: ['prometheus_metrics'],
    reason: 'It asks addresses over the network at each query',
  },
];
