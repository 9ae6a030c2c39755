// SPDX-License-Identifier: Apache-2.0
// The process itself: what is set up before the first thread, and how it ends.
#pragma once

namespace infinara::app {

/// Opens /dev/null for each of standard input, output and error that the process was started
/// without. Otherwise its first sockets would get their numbers, and what is printed would go
/// there.
void open_standard_streams();

/// Two malloc arenas for all threads, and blocks of 1 MiB and more outside of them
/// (docs/decisions/process.md, "Two malloc arenas").
void limit_heaps();

/// Raises the limit of open files as far as the system allows. Returns the highest descriptor that
/// a connection may have; those above are kept for the programme itself.
int raise_descriptor_limit();

/// Ends the process without exit()'s handlers: GStreamer's threads may still be ending, and what
/// OpenSSL keeps for one of them would be freed by that thread and by OpenSSL's handler at once.
[[noreturn]] void exit_now(int code);

}  // namespace infinara::app
