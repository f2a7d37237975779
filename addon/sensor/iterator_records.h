#ifndef WEIR_SENSOR_ITERATOR_RECORDS_H_
#define WEIR_SENSOR_ITERATOR_RECORDS_H_

#include <cstddef>
#include <functional>

namespace weir {

// Size of the record at the beginning of these bytes; 0: it is not whole yet.
using TakeRecord = std::function<size_t(const char* at, size_t size)>;

// Runs the iterator program of a link once and hands over what it writes, record by record.
// False: the kernel gave up in between (errno says why) or the last record is not whole.
bool ReadIteratorRecords(int link, const TakeRecord& take);

}  // namespace weir

#endif  // WEIR_SENSOR_ITERATOR_RECORDS_H_
