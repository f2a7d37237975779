#include "sensor/dns_message.h"

#include <algorithm>

#include "sensor/dns_data.h"
#include "sensor/dns_reader.h"

namespace weir {

namespace {

constexpr size_t kHeader = 12;
constexpr uint16_t kOpt = 41;
// Of the sections behind the answers: as many records as could matter before the OPT record.
constexpr int kOthersMax = 256;

struct RecordHead {
  std::string name;
  uint16_t type = 0;
  uint16_t record_class = 0;
  uint32_t ttl = 0;
  size_t begin = 0;
  size_t end = 0;
};

// Moves the reader behind the record.
bool ReadRecord(DnsReader& reader, RecordHead* head) {
  uint16_t length = 0;
  if (!reader.Name(&head->name) || !reader.U16(&head->type) || !reader.U16(&head->record_class) ||
      !reader.U32(&head->ttl) || !reader.U16(&length)) {
    return false;
  }
  head->begin = reader.at();
  head->end = head->begin + length;
  return reader.Skip(length);
}

bool ReadQuestions(DnsReader& reader, DnsMessage* message) {
  for (int i = 0; i < message->questions; ++i) {
    std::string name;
    uint16_t type = 0;
    uint16_t number = 0;
    if (!reader.Name(&name) || !reader.U16(&type) || !reader.U16(&number)) return false;
    if (i > 0) continue;
    message->query = std::move(name);
    message->query_type = type;
    message->query_class = number;
  }
  return true;
}

bool ReadAnswers(DnsReader& reader, DnsMessage* message) {
  size_t text = 0;
  for (int i = 0; i < message->answer_count; ++i) {
    RecordHead head;
    if (!ReadRecord(reader, &head)) return false;
    text += head.name.size();
    if (message->answers.size() == kDnsAnswersMax || text > kDnsTextMax) {
      message->answers_cut = true;
      continue;
    }
    message->answers.push_back({std::move(head.name), head.type, head.ttl,
                                DnsDataText(reader.bytes(), head.type, head.begin, head.end)});
    text += message->answers.back().data.size();
  }
  return true;
}

// EDNS keeps the upper bits of the rcode in a record of its own (RFC 6891, 6.1.3).
void ReadExtendedRcode(DnsReader& reader, int records, DnsMessage* message) {
  for (int i = 0; i < std::min(records, kOthersMax); ++i) {
    RecordHead head;
    if (!ReadRecord(reader, &head)) return;
    if (head.type != kOpt) continue;
    message->rcode = static_cast<uint16_t>(message->rcode | (head.ttl >> 24) << 4);
    return;
  }
}

void AppendJson(std::string* out, std::string_view text) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);  // zone-file text is printable ASCII
  }
  out->push_back('"');
}

}  // namespace

DnsMessage ParseDns(std::string_view bytes, bool cut) {
  DnsMessage message;
  DnsReader reader(bytes);
  uint16_t authorities = 0;
  uint16_t additional = 0;
  if (bytes.size() < kHeader) {
    message.error = "shorter than a header";
    return message;
  }
  reader.U16(&message.id);
  reader.U16(&message.flags);
  reader.U16(&message.questions);
  reader.U16(&message.answer_count);
  reader.U16(&authorities);
  reader.U16(&additional);
  message.rcode = message.flags & 15;
  if (!ReadQuestions(reader, &message)) {
    message.error = "broken question";
  } else if (!ReadAnswers(reader, &message)) {
    message.answers_cut = true;
    if (!cut) message.error = "broken answer";
  } else {
    ReadExtendedRcode(reader, authorities + additional, &message);
  }
  return message;
}

std::string DnsAnswersJson(const std::vector<DnsAnswer>& answers) {
  if (answers.empty()) return {};
  std::string json = "[";
  for (const DnsAnswer& answer : answers) {
    if (json.size() > 1) json += ',';
    json += "{\"name\":";
    AppendJson(&json, answer.name);
    json += ",\"type\":\"" + DnsTypeName(answer.type) + "\",\"ttl\":" + std::to_string(answer.ttl) +
            ",\"data\":";
    AppendJson(&json, answer.data);
    json += "}";
  }
  return json + "]";
}

}  // namespace weir
