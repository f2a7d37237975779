{
  "targets": [
    {
      "target_name": "weir",
      "sources": [
        "binding.cc",
        "memory.cc",
        "program_pages.cc",
        "waker.cc",
        "<!@(cd <(module_root_dir) && ls batch/*.cc capture/*.cc functions/*.cc net/*.cc processes/*.cc rules/*.cc sensor/*.cc sensor/netlink/*.cc store/*.cc tables/*.cc)"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        "../node_modules/better-sqlite3/deps/sqlite3",
        "../build/generated",
        "../bpf",
        "."
      ],
      "defines": [
        "NAPI_VERSION=9",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        # A thread that is being ended refuses every call: that is no reason to abort the process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        # Weak, so that the sqlite3 command line can load this library without Node.
        "NAPI_EXTERN=__attribute__((weak))",
        "_FORTIFY_SOURCE=2"
      ],
      "cflags_cc": [
        "-std=c++20", "-O2", "-Wall", "-Wextra", "-Wno-missing-field-initializers",
        "-fvisibility=hidden", "-fstack-protector-strong",
        "-include <(module_root_dir)/libstdcxx_versions.h"
      ],
      "cflags_cc!": ["-fno-rtti"],
      "libraries": [
        # After the objects, or the linker drops them again; one string, or gyp reorders it. Debian's
        # libbpf.a, libelf.a and libre2.a are not position-independent, so those stay shared.
        "-Wl,-Bstatic -lzstd -llz4 -lmd -Wl,-Bdynamic -lbpf -lelf -lz -lre2"
      ],
      "ldflags": [
        # A symbol that nobody has is an error here, not in the middle of a night.
        # Packages carry the libraries in build/lib; RPATH, since that holds for their own needs too.
        "-Wl,-rpath,'$$ORIGIN/../lib',--disable-new-dtags",
        "-Wl,-z,defs", "-Wl,-z,now", "-Wl,-z,relro", "-Wl,--exclude-libs,ALL"
      ]
    },
    {
      # libmagic and libyara, loaded only by who scans: see scan/scan_binding.cc.
      "target_name": "weir_scan",
      "sources": ["<!@(cd <(module_root_dir) && ls scan/*.cc)"],
      "include_dirs": ["."],
      "defines": ["NAPI_VERSION=9", "NAPI_EXTERN=__attribute__((weak))", "_FORTIFY_SOURCE=2"],
      "cflags_cc": [
        "-std=c++20", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden", "-fstack-protector-strong"
      ],
      "libraries": ["-lmagic -lyara"],
      "ldflags": [
        "-Wl,-rpath,'$$ORIGIN/../lib',--disable-new-dtags",
        "-Wl,-z,defs", "-Wl,-z,now", "-Wl,-z,relro"
      ]
    }
  ]
}
