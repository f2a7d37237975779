import type { Config } from '../config/schema.ts';
import { VERSION } from '../config/version.ts';
import { ecsFormat } from '../results/formats/ecs.ts';
import { ocsfFormat } from '../results/formats/ocsf.ts';
import { type LineFormat, osqueryFormat } from '../results/log-line.ts';
import type { Route } from '../results/outbox.ts';
import { FileSink } from '../results/sinks/file-sink.ts';
import { JournaldSink } from '../results/sinks/journald-sink.ts';
import { StreamSink } from '../results/sinks/stream-sink.ts';
import { SyslogSink } from '../results/sinks/syslog-sink.ts';

/** Where result lines go, and in which form, as the configuration says. */
export function logRoutes(logger: Config['logger'], hostIdentifier: string): readonly Route[] {
  const routes: Route[] = [];
  const { path, rotate, stdout, syslog, journald } = logger;
  const format = (name: Config['logger']['format']): LineFormat =>
    formatOf(name, logger, hostIdentifier);
  if (path !== null) {
    const rotation = { maxBytes: rotate.max_bytes, keep: rotate.keep, compress: rotate.compress };
    routes.push({ sink: new FileSink(path, rotation), format: format(logger.format) });
  }
  if (stdout !== null) {
    routes.push({ sink: new StreamSink('stdout', process.stdout), format: format(stdout.format) });
  }
  if (syslog !== null) routes.push({ sink: new SyslogSink(syslog), format: format(syslog.format) });
  if (journald !== null) {
    routes.push({ sink: new JournaldSink(journald), format: format(journald.format) });
  }
  return routes;
}

function formatOf(
  name: Config['logger']['format'],
  logger: Config['logger'],
  hostIdentifier: string,
): LineFormat {
  if (name === 'ecs') return ecsFormat({ hostIdentifier, version: VERSION });
  if (name === 'ocsf') return ocsfFormat({ hostIdentifier, version: VERSION });
  return osqueryFormat({
    hostIdentifier,
    eventLines: logger.event_type,
    snapshotEventLines: logger.snapshot_event_type,
    decorationsTopLevel: logger.decorations_top_level,
  });
}
