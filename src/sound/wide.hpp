// SPDX-License-Identifier: Apache-2.0
// Kernels in twice the width where the processor has it, chosen when the program is loaded. A
// sanitizer is not up yet at that moment, so it gets the plain code.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define INFINARA_WIDE __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define INFINARA_WIDE
#endif
