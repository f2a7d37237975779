import type { StateTable } from '../../bridge/table.ts';
import { detections } from './detections.ts';

export const DETECTION_TABLES: readonly StateTable[] = [detections];
