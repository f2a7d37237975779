import { benign } from '../benign/suite.ts';

benign('live: ordinary work', { folders: ['workloads'], minutes: 0 });
