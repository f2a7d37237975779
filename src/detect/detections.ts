import { type Observable, Subject } from 'rxjs';
import type { Detection } from '../results/types.ts';

/**
 * Detections as they are recorded, for the live display. They are in the results database before
 * they come out here; a subscriber that comes late asks there for what it missed.
 */
export class DetectionFeed {
  readonly #subject = new Subject<Detection>();
  readonly stream: Observable<Detection> = this.#subject.asObservable();

  publish(detections: readonly Detection[]): void {
    for (const detection of detections) this.#subject.next(detection);
  }

  end(): void {
    this.#subject.complete();
  }
}
