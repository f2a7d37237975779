import type { HookState } from '../../native/sensor.ts';
import { type Finding, finding } from './finding.ts';

/** How one event is watched. */
export interface EventHooks {
  readonly event: string;
  readonly tier: string; // of the attached hooks; '' when none is
  readonly hooks: readonly string[]; // attached
  readonly whyNotBetter: string;
  readonly missing: readonly string[]; // hook: reason
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** By event, in the order of the provider; what is off in the configuration is left out. */
export function byEvent(states: readonly HookState[]): EventHooks[] {
  const events = new Map<string, HookState[]>();
  for (const state of states) {
    if (!state.wanted) continue;
    events.set(state.event, [...(events.get(state.event) ?? []), state]);
  }
  return [...events].map(([event, all]) => {
    const attached = all.filter((state) => state.attached);
    return {
      event,
      tier: attached[0]?.tier ?? '',
      hooks: attached.map(({ hook }) => hook),
      whyNotBetter: oneLine(all.find((state) => state.whyNotBetter !== '')?.whyNotBetter ?? ''),
      missing: all
        .filter((state) => !state.attached)
        .map(({ hook, reason }) => `${hook}: ${oneLine(reason)}`),
    };
  });
}

/** Equal reasons are told once, with the events that have them. */
export function examineHooks(events: readonly EventHooks[]): Finding[] {
  const found: Finding[] = [];
  const reasons = new Map<string, string[]>();
  for (const { event, tier, missing, whyNotBetter } of events) {
    if (tier === '') {
      const text = `${event} is not seen: ${missing.join('; ')}`;
      found.push(finding('hooks', 'warning', text));
    } else if (missing.length > 0) {
      found.push(finding('hooks', 'info', `${event} lacks ${missing.join('; ')}`));
    }
    if (whyNotBetter === '') continue;
    reasons.set(whyNotBetter, [...(reasons.get(whyNotBetter) ?? []), event]);
  }
  for (const [reason, names] of reasons) {
    const of = names.length === events.length ? 'all events' : names.join(', ');
    found.push(finding('hooks', 'info', `no better hook for ${of}: ${reason}`));
  }
  return found;
}
