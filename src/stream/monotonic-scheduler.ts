import { asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * RxJS's timers over a clock that never jumps. The asyncScheduler's own `now` is the wall clock: set
 * back by an hour, it would hold every open window for an hour more.
 */
export const monotonicScheduler: SchedulerLike = {
  now: () => performance.now(),
  schedule: asyncScheduler.schedule.bind(asyncScheduler) as SchedulerLike['schedule'],
};
