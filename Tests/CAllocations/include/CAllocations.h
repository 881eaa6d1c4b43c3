#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// How often this thread has asked the system's allocator for memory so far.
unsigned long allocations_of_thread(void);

#endif
