// Included before every source of the addon (binding.gyp). GCC 12 gave this function a new symbol
// version when it became noexcept; with the old one, which newer libraries keep, the addon also
// loads where the C++ library is that of GCC 11 (RHEL 9).
#pragma once

__asm__(
    ".symver _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE,"
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");
