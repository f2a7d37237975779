// Getting rid of perf events without waiting for the kernel.
#pragma once

#include <functional>
#include <vector>

namespace weir {

// Closing the last descriptor of a tracepoint's perf event waits for an RCU grace period, some 30
// ms each and one after the other: seconds for all of them. So a short-lived process of our own
// keeps them open while `close_here` closes them in this one, and dies of it in its own time. It
// holds nothing else. Without it (no process to be had) closing simply takes longer.
// Until it is dead the programs are still in the kernel, which takes none of them twice: returns a
// descriptor for WaitClosed, -1 when there is nothing to wait for.
int CloseElsewhere(std::vector<int> descriptors, const std::function<void()>& close_here);

// Until all is closed there, so long at most. Closes the descriptor.
void WaitClosed(int descriptor, int milliseconds);

}  // namespace weir
