/** `npm run test:benign`: with packages from the distribution's servers, for WEIR_BENIGN_MINUTES (30). */
import { benign } from './suite.ts';

const minutes = Number(process.env.WEIR_BENIGN_MINUTES ?? 30);

benign('ordinary work, long', { folders: ['workloads', 'network'], minutes });
