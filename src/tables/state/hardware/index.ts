import type { StateTable } from '../../bridge/table.ts';
import { acpiTables } from './acpi-tables.ts';
import { blockDevicesTable } from './block-devices.ts';
import { cpuInfo } from './cpu-info.ts';
import { cpuid } from './cpuid.ts';
import { diskEncryption } from './disk-encryption.ts';
import { mdDevices } from './md-devices.ts';
import { mdDrives } from './md-drives.ts';
import { mdPersonalities } from './md-personalities.ts';
import { memoryArrayMappedAddresses, memoryDeviceMappedAddresses } from './memory-addresses.ts';
import { memoryArrays } from './memory-arrays.ts';
import { memoryDevices } from './memory-devices.ts';
import { memoryErrorInfo } from './memory-error-info.ts';
import { memoryMap } from './memory-map.ts';
import { msr } from './msr.ts';
import { oemStrings } from './oem-strings.ts';
import { pciDevices } from './pci-devices.ts';
import { platformInfo } from './platform-info.ts';
import { smbiosTables } from './smbios-tables.ts';
import { systemInfo } from './system-info.ts';
import { usbDevices } from './usb-devices.ts';

export const HARDWARE_TABLES: readonly StateTable[] = [
  acpiTables,
  blockDevicesTable,
  cpuInfo,
  cpuid,
  diskEncryption,
  mdDevices,
  mdDrives,
  mdPersonalities,
  memoryArrayMappedAddresses,
  memoryArrays,
  memoryDeviceMappedAddresses,
  memoryDevices,
  memoryErrorInfo,
  memoryMap,
  msr,
  oemStrings,
  pciDevices,
  platformInfo,
  smbiosTables,
  systemInfo,
  usbDevices,
];
