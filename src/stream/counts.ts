import type { StreamStage } from '../native/sensor.ts';

/** Where the stream's part of weir_loss is counted: `native.count`. */
export type Count = (stage: StreamStage, eventClass: number, rows: number) => void;
