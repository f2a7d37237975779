/** Kinds of audit records, by number, as linux/audit.h and libaudit name them. */

/** Written by programs: pam, sshd, login, sudo, useradd, systemd, ... */
export const USER_TYPES: Readonly<Record<number, string>> = {
  1100: 'USER_AUTH',
  1101: 'USER_ACCT',
  1102: 'USER_MGMT',
  1103: 'CRED_ACQ',
  1104: 'CRED_DISP',
  1105: 'USER_START',
  1106: 'USER_END',
  1108: 'USER_CHAUTHTOK',
  1109: 'USER_ERR',
  1110: 'CRED_REFR',
  1111: 'USYS_CONFIG',
  1112: 'USER_LOGIN',
  1113: 'USER_LOGOUT',
  1114: 'ADD_USER',
  1115: 'DEL_USER',
  1116: 'ADD_GROUP',
  1117: 'DEL_GROUP',
  1118: 'DAC_CHECK',
  1119: 'CHGRP_ID',
  1120: 'TEST',
  1121: 'TRUSTED_APP',
  1122: 'USER_SELINUX_ERR',
  1123: 'USER_CMD',
  1124: 'USER_TTY',
  1125: 'CHUSER_ID',
  1126: 'GRP_AUTH',
  1127: 'SYSTEM_BOOT',
  1128: 'SYSTEM_SHUTDOWN',
  1129: 'SYSTEM_RUNLEVEL',
  1130: 'SERVICE_START',
  1131: 'SERVICE_STOP',
  1132: 'GRP_MGMT',
  1133: 'GRP_CHAUTHTOK',
  1134: 'MAC_CHECK',
  1135: 'ACCT_LOCK',
  1136: 'ACCT_UNLOCK',
  1137: 'USER_DEVICE',
  1138: 'SOFTWARE_UPDATE',
};

export const USER_AVC = 1107;
export const USER_LOGIN = 1112;
export const USER_LOGOUT = 1113;
export const SECCOMP = 1326;
export const AVC = 1400;

export const SELINUX_TYPES: Readonly<Record<number, string>> = {
  [USER_AVC]: 'USER_AVC',
  [AVC]: 'AVC',
  1401: 'SELINUX_ERR',
  1402: 'AVC_PATH',
  1403: 'MAC_POLICY_LOAD',
  1404: 'MAC_STATUS',
  1405: 'MAC_CONFIG_CHANGE',
  1406: 'MAC_UNLBL_ALLOW',
  1407: 'MAC_CIPSOV4_ADD',
  1408: 'MAC_CIPSOV4_DEL',
  1409: 'MAC_MAP_ADD',
  1410: 'MAC_MAP_DEL',
  1411: 'MAC_IPSEC_ADDSA',
  1412: 'MAC_IPSEC_DELSA',
  1413: 'MAC_IPSEC_ADDSPD',
  1414: 'MAC_IPSEC_DELSPD',
  1415: 'MAC_IPSEC_EVENT',
  1416: 'MAC_UNLBL_STCADD',
  1417: 'MAC_UNLBL_STCDEL',
  1418: 'MAC_CALIPSO_ADD',
  1419: 'MAC_CALIPSO_DEL',
};

/** What is asked of the kernel's multicast group: first and last of each range. */
export const WANTED: readonly (readonly [number, number])[] = [
  [1100, 1199],
  [SECCOMP, SECCOMP],
  [AVC, 1419],
  [1500, 1599], // AppArmor's, of kernels before it shared AVC
];
