/** Words for numbers of SMBIOS, from DSP0134; the first is that of 1. */

/** 7.18.1 */
export const FORM_FACTORS = [
  'Other',
  'Unknown',
  'SIMM',
  'SIP',
  'Chip',
  'DIP',
  'ZIP',
  'Proprietary Card',
  'DIMM',
  'TSOP',
  'Row of chips',
  'RIMM',
  'SODIMM',
  'SRIMM',
  'FB-DIMM',
  'Die',
];

/** 7.18.2 */
export const MEMORY_TYPES = [
  ...['Other', 'Unknown', 'DRAM', 'EDRAM', 'VRAM', 'SRAM', 'RAM', 'ROM', 'FLASH', 'EEPROM'],
  ...['FEPROM', 'EPROM', 'CDRAM', '3DRAM', 'SDRAM', 'SGRAM', 'RDRAM', 'DDR', 'DDR2'],
  ...['DDR2 FB-DIMM', 'RESERVED', 'RESERVED', 'RESERVED', 'DDR3', 'FBD2', 'DDR4', 'LPDDR'],
  ...['LPDDR2', 'LPDDR3', 'LPDDR4', 'Logical non-volatile device', 'HBM', 'HBM2', 'DDR5'],
  ...['LPDDR5', 'HBM3'],
];

/** 7.18.3: bits, from 0 */
export const TYPE_DETAILS = [
  'Reserved',
  'Other',
  'Unknown',
  'Fast-paged',
  'Static column',
  'Pseudo-static',
  'RAMBUS',
  'Synchronous',
  'CMOS',
  'EDO',
  'Window DRAM',
  'Cache DRAM',
  'Non-volatile',
  'Registered (Buffered)',
  'Unbuffered (Unregistered)',
  'LRDIMM',
];

/** 7.17.1 */
export const ARRAY_LOCATIONS = [
  'Other',
  'Unknown',
  'System board or motherboard',
  'ISA add-on card',
  'EISA add-on card',
  'PCI add-on card',
  'MCA add-on card',
  'PCMCIA add-on card',
  'Proprietary add-on card',
  'NuBus',
];

/** 7.17.2 */
export const ARRAY_USES = [
  'Other',
  'Unknown',
  'System memory',
  'Video memory',
  'Flash memory',
  'Non-volatile RAM',
  'Cache memory',
];

/** 7.17.3 */
export const CORRECTIONS = [
  'Other',
  'Unknown',
  'None',
  'Parity',
  'Single-bit ECC',
  'Multi-bit ECC',
  'CRC',
];

/** 7.19.1 */
export const ERROR_TYPES = [
  'Other',
  'Unknown',
  'OK',
  'Bad read',
  'Parity error',
  'Single-bit error',
  'Double-bit error',
  'Multi-bit error',
  'Nibble error',
  'Checksum error',
  'CRC error',
  'Corrected single-bit error',
  'Corrected error',
  'Uncorrectable error',
];

/** 7.19.2 */
export const ERROR_GRANULARITIES = ['Other', 'Unknown', 'Device level', 'Memory partition level'];

/** 7.19.3 */
export const ERROR_OPERATIONS = ['Other', 'Unknown', 'Read', 'Write', 'Partial write'];

export function wordOf(words: readonly string[], value: number | undefined): string {
  return (value === undefined ? undefined : words[value - 1]) ?? '';
}
