// Names of numbers, from the registry "Domain Name System (DNS) Parameters" of IANA.
#include "sensor/dns_message.h"

namespace weir {

namespace {

struct Named {
  uint16_t number;
  const char* name;
};

constexpr Named kTypes[] = {
    {1, "A"},           {2, "NS"},     {5, "CNAME"},   {6, "SOA"},    {10, "NULL"},
    {12, "PTR"},        {13, "HINFO"}, {15, "MX"},     {16, "TXT"},   {17, "RP"},
    {18, "AFSDB"},      {24, "SIG"},   {25, "KEY"},    {28, "AAAA"},  {29, "LOC"},
    {33, "SRV"},        {35, "NAPTR"}, {37, "CERT"},   {39, "DNAME"}, {41, "OPT"},
    {43, "DS"},         {44, "SSHFP"}, {46, "RRSIG"},  {47, "NSEC"},  {48, "DNSKEY"},
    {50, "NSEC3"},      {52, "TLSA"},  {53, "SMIMEA"}, {59, "CDS"},   {60, "CDNSKEY"},
    {61, "OPENPGPKEY"}, {64, "SVCB"},  {65, "HTTPS"},  {99, "SPF"},   {249, "TKEY"},
    {250, "TSIG"},      {251, "IXFR"}, {252, "AXFR"},  {255, "ANY"},  {256, "URI"},
    {257, "CAA"},
};
constexpr Named kClasses[] = {{1, "IN"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"}};
constexpr Named kRcodes[] = {
    {0, "NOERROR"},  {1, "FORMERR"},  {2, "SERVFAIL"},   {3, "NXDOMAIN"}, {4, "NOTIMP"},
    {5, "REFUSED"},  {6, "YXDOMAIN"}, {7, "YXRRSET"},    {8, "NXRRSET"},  {9, "NOTAUTH"},
    {10, "NOTZONE"}, {16, "BADVERS"}, {23, "BADCOOKIE"},
};

template <size_t N>
std::string NameOf(const Named (&names)[N], const char* prefix, uint16_t number) {
  for (const Named& one : names) {
    if (one.number == number) return one.name;
  }
  return prefix + std::to_string(number);
}

}  // namespace

std::string DnsTypeName(uint16_t type) { return NameOf(kTypes, "TYPE", type); }
std::string DnsClassName(uint16_t number) { return NameOf(kClasses, "CLASS", number); }
std::string DnsRcodeName(uint16_t rcode) { return NameOf(kRcodes, "RCODE", rcode); }

}  // namespace weir
