// SPDX-License-Identifier: Apache-2.0
#include "memory/database.hpp"

namespace infinara::memory {

std::string Row::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

Database::Database(const std::string& path) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  connection_.reset(connection);
  check(code);
}

void Database::check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  throw DatabaseError(code & 0xff,
                      connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code));
}

Database::Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &statement,
                           nullptr));
  return Statement(statement);
}

void Database::step(sqlite3_stmt* statement, const EachRow& each) {
  for (;;) {
    const int code = sqlite3_step(statement);
    check(code);
    if (code != SQLITE_ROW) return;
    each(Row(statement));
  }
}

void Database::run_all(const char* sql) {
  check(sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr));
}

std::int64_t Database::number(std::string_view sql) {
  std::int64_t number = 0;
  query(sql, [&](const Row& row) { number = row.whole(0); });
  return number;
}

}  // namespace infinara::memory
