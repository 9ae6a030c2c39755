// SPDX-License-Identifier: Apache-2.0
// GLib's locks as ThreadSanitizer should see them. Debian's GLib is not instrumented and its GMutex
// and GCond are made of futexes, so without this each lock of GStreamer's would look like no lock
// at all. Linked before GLib, in builds with -Db_sanitize=thread alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gio/gio.h>

void __tsan_acquire(void* address);
void __tsan_release(void* address);

// The real function of that name, looked up once; a racing second look-up finds the same.
#define REAL(name)                               \
  static __typeof__(&name) real;                 \
  if (!__atomic_load_n(&real, __ATOMIC_RELAXED)) \
  __atomic_store_n(&real, (__typeof__(&name))dlsym(RTLD_NEXT, #name), __ATOMIC_RELAXED)

void g_mutex_lock(GMutex* mutex) {
  REAL(g_mutex_lock);
  real(mutex);
  __tsan_acquire(mutex);
}

gboolean g_mutex_trylock(GMutex* mutex) {
  REAL(g_mutex_trylock);
  const gboolean locked = real(mutex);
  if (locked) __tsan_acquire(mutex);
  return locked;
}

void g_mutex_unlock(GMutex* mutex) {
  REAL(g_mutex_unlock);
  __tsan_release(mutex);
  real(mutex);
}

void g_cond_wait(GCond* cond, GMutex* mutex) {
  REAL(g_cond_wait);
  __tsan_release(mutex);
  real(cond, mutex);
  __tsan_acquire(mutex);
}

gboolean g_cond_wait_until(GCond* cond, GMutex* mutex, gint64 end_time) {
  REAL(g_cond_wait_until);
  __tsan_release(mutex);
  const gboolean woken = real(cond, mutex, end_time);
  __tsan_acquire(mutex);
  return woken;
}

// GstHarness hands buffers over in GLib's queue, which locks within GLib.
void g_async_queue_push(GAsyncQueue* queue, gpointer data) {
  REAL(g_async_queue_push);
  __tsan_release(queue);
  real(queue, data);
}

gpointer g_async_queue_pop(GAsyncQueue* queue) {
  REAL(g_async_queue_pop);
  const gpointer data = real(queue);
  __tsan_acquire(queue);
  return data;
}

gpointer g_async_queue_try_pop(GAsyncQueue* queue) {
  REAL(g_async_queue_try_pop);
  const gpointer data = real(queue);
  __tsan_acquire(queue);
  return data;
}

gpointer g_async_queue_timeout_pop(GAsyncQueue* queue, guint64 timeout) {
  REAL(g_async_queue_timeout_pop);
  const gpointer data = real(queue, timeout);
  __tsan_acquire(queue);
  return data;
}

static void begin_task(GTask* task, gpointer source, gpointer data, GCancellable* cancellable) {
  __tsan_acquire(task);
  ((GTaskThreadFunc)g_object_get_data(G_OBJECT(task), "tsan-func"))(task, source, data,
                                                                    cancellable);
}

// A task's function and its callback run on other threads than the one that made the task.
void g_task_run_in_thread(GTask* task, GTaskThreadFunc func) {
  REAL(g_task_run_in_thread);
  g_object_set_data(G_OBJECT(task), "tsan-func", (gpointer)func);
  __tsan_release(task);
  real(task, begin_task);
}

void g_task_return_boolean(GTask* task, gboolean result) {
  REAL(g_task_return_boolean);
  __tsan_release(task);
  real(task, result);
}

gboolean g_task_propagate_boolean(GTask* task, GError** error) {
  REAL(g_task_propagate_boolean);
  const gboolean result = real(task, error);
  __tsan_acquire(task);
  return result;
}
