import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at } from '../../host/json.ts';
import { bare, containers, joined, number, ofContainer } from './docker.ts';

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const;

export const dockerContainers = defineTable({
  name: 'docker_containers',
  description: 'Containers of Docker, also those that do not run',
  columns: {
    id: text('Identifier; its beginning will do in a query', { index: true, collate: 'nocase' }),
    name: text('Name, with a slash before it', { index: true, operators: [] }),
    image: text('Image, as it was named'),
    image_id: text('Identifier of the image', { collate: 'nocase' }),
    command: text('Command with its arguments'),
    created: bigint('When it was made, seconds since 1970'),
    state: text('running, exited and so on'),
    status: text('The same in words, with times'),
    pid: bigint('Its first process; 0 when it does not run'),
    path: text('File of the command'),
    config_entrypoint: text('Entry point'),
    started_at: text('When it was started'),
    finished_at: text('When it ended'),
    privileged: integer('1 when it is privileged'),
    security_options: text('Security options'),
    env_variables: text('Environment'),
    readonly_rootfs: integer('1 when its root is read-only'),
    cgroup_namespace: text('cgroup namespace'),
    ipc_namespace: text('IPC namespace'),
    mnt_namespace: text('Mount namespace'),
    net_namespace: text('Network namespace'),
    pid_namespace: text('PID namespace'),
    user_namespace: text('User namespace'),
    uts_namespace: text('UTS (host name) namespace'),
  },
  examples: [
    'SELECT id, name, image FROM docker_containers WHERE privileged = 1',
    'SELECT c.name, p.name, p.cmdline FROM docker_containers c JOIN process_namespaces n ON n.pid_namespace = c.pid_namespace JOIN processes p ON p.pid = n.pid',
  ],
  rows: 20,
  *generate(context) {
    for (const container of containers(context)) {
      const { id, facts } = container;
      const all = ofContainer(context, container, 'json');
      const pid = Number(at(all, 'State', 'Pid') ?? 0);
      const namespace = (name: string): string | undefined =>
        pid > 0
          ? /\[(\d+)\]$/.exec(
              context.host.link(`/proc/${pid}/ns/${name}`, { quiet: true }) ?? '',
            )?.[1]
          : undefined;
      const [cgroup, ipc, mnt, net, pids, user, uts] = NAMESPACES.map(namespace);
      yield {
        id,
        name: asText(asList(facts.Names)[0]),
        image: asText(facts.Image),
        image_id: bare(facts.ImageID),
        command: asText(facts.Command),
        created: number(facts.Created),
        state: asText(facts.State),
        status: asText(facts.Status),
        pid,
        path: asText(at(all, 'Path')),
        config_entrypoint: joined(at(all, 'Config', 'Entrypoint')),
        started_at: asText(at(all, 'State', 'StartedAt')),
        finished_at: asText(at(all, 'State', 'FinishedAt')),
        privileged: at(all, 'HostConfig', 'Privileged') === true,
        security_options: joined(at(all, 'HostConfig', 'SecurityOpt')),
        env_variables: joined(at(all, 'Config', 'Env')),
        readonly_rootfs: at(all, 'HostConfig', 'ReadonlyRootfs') === true,
        cgroup_namespace: cgroup,
        ipc_namespace: ipc,
        mnt_namespace: mnt,
        net_namespace: net,
        pid_namespace: pids,
        user_namespace: user,
        uts_namespace: uts,
      };
    }
  },
});
