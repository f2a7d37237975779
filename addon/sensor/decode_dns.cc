// Packets to and from port 53 to questions and answers.
#include <netinet/in.h>

#include <algorithm>

#include "batch/counters.h"
#include "sensor/decoder.h"
#include "sensor/text.h"

namespace weir {

namespace {

namespace column = schema::dns_column;

// The same question, or the same answer, to the same process.
int64_t DnsIdentity(const DnsMessage& message, const std::string& answers, int64_t process_id) {
  const uint64_t what = static_cast<uint64_t>(message.query_type) << 32 |
                        static_cast<uint64_t>(message.rcode) << 1 | message.is_answer();
  uint64_t hash = KeyedHash(&process_id, sizeof process_id, what);
  hash = KeyedHash(message.query.data(), message.query.size(), hash);
  hash = KeyedHash(answers.data(), answers.size(), hash);
  return hash == 0 ? 1 : static_cast<int64_t>(hash);
}

// A question and its answers share it.
uint64_t OperationOf(const weir_dns_event& e, const DnsMessage& message) {
  const uint64_t what[] = {e.sock, message.id, message.query_type};
  const uint64_t hash =
      KeyedHash(message.query.data(), message.query.size(), KeyedHash(what, sizeof what, 0));
  return hash == 0 ? 1 : hash;
}

void Answers(BatchBuilder& row, const DnsMessage& message, const std::string& json) {
  row.SetText(column::kRcode, DnsRcodeName(message.rcode));
  row.SetI64(column::kAnswerCount, message.answer_count);
  if (json.empty()) return;
  row.SetText(column::kAnswers, json);
  const auto least =
      std::min_element(message.answers.begin(), message.answers.end(),
                       [](const DnsAnswer& a, const DnsAnswer& b) { return a.ttl < b.ttl; });
  row.SetI64(column::kTtl, least->ttl);
}

}  // namespace

void Decoder::Dns(const Record& record) {
  const weir_dns_event& e = record.dns;
  const std::string_view payload = record.strings[0];
  if (e.protocol != IPPROTO_TCP) return DnsRow(record, ParseDns(payload, record.Truncated(0)));
  Counters& counters = TheCounters();
  const bool sent = record.h.type == WEIR_DNS_SENT;
  const uint64_t stream = e.sock << 1 | (sent ? 1 : 0);
  const size_t missing = e.size > payload.size() ? e.size - payload.size() : 0;
  const DnsStreams::Taken taken = dns_streams_.Add(stream, e.sequence, payload, missing);
  for (const std::string& bytes : taken.messages) {
    const DnsMessage message = ParseDns(bytes, false);
    DnsRow(record, message);
    // Something else speaks on that port: one row says so.
    if (!message.error.empty()) dns_streams_.GiveUp(stream);
  }
  if (taken.lost) {
    counters.Add(Stage::kLostDecode, WEIR_CLASS_DNS, 1);
  } else if (taken.messages.empty()) {
    counters.Add(Stage::kFolded, WEIR_CLASS_DNS, 1);
  } else {
    counters.Add(Stage::kSplit, WEIR_CLASS_DNS, static_cast<int64_t>(taken.messages.size()) - 1);
  }
}

void Decoder::DnsRow(const Record& packet, const DnsMessage& message) {
  Record record = packet;
  const weir_dns_event& e = packet.dns;
  record.h.op_id = OperationOf(e, message);
  // The payload was cut, which is said of what was read from it.
  record.h.flags &= ~WEIR_F_TRUNCATED(0);
  const Actor actor = cache_.Resolve(record.h);
  if (actor.first_met) Seen(record, actor, "event");
  BatchBuilder& row = Begin(WEIR_CLASS_DNS);
  Common(row, record, actor, false);
  if (message.answers_cut) record.h.flags |= WEIR_F_TRUNCATED(0);
  Truncated(row, record, *actor.image, {"answers"}, false);
  const std::string answers = DnsAnswersJson(message.answers);
  row.SetText(column::kAction, message.is_answer() ? "answer" : "question");
  if (!message.query.empty()) {
    row.SetText(column::kQuery, message.query);
    row.SetText(column::kQueryType, DnsTypeName(message.query_type));
    row.SetText(column::kQueryClass, DnsClassName(message.query_class));
  }
  if (message.is_answer()) Answers(row, message, answers);
  if (!message.error.empty()) row.SetText(column::kError, message.error);
  row.SetU32(column::kId, message.id);
  row.SetU32(column::kFlags, message.flags);
  row.SetU32(column::kFamily, e.family);
  row.SetU32(column::kProtocol, e.protocol);
  row.SetText(column::kLocalAddress, AddressText(e.family, e.local_address));
  row.SetText(column::kRemoteAddress, AddressText(e.family, e.remote_address));
  row.SetU32(column::kLocalPort, e.local_port);
  row.SetU32(column::kRemotePort, e.remote_port);
  row.SetU32(column::kNetNs, e.net_ns);
  row.SetI64(column::kBytes, e.size);
  row.SetI64(column::kIdentity, DnsIdentity(message, answers, actor.process->id));
}

}  // namespace weir
