#include "engine/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "base/prng.hpp"
#include "engine/hash_chains.hpp"
#include "engine/interner.hpp"

namespace kurrentlite {
namespace {

constexpr std::uint64_t kUnlimited = 0;

TEST(PageTable, OwnsZeroedPagesAndCountsThem) {
  PageBudget budget;
  PageTable table(budget);
  EXPECT_FALSE(table.present(0));
  ASSERT_TRUE(table.own(3));  // the pages before it stay absent
  EXPECT_EQ(table.size(), 4u);
  EXPECT_FALSE(table.present(0));
  EXPECT_TRUE(table.present(3));
  for (std::size_t i = 0; i < kPageBytes; ++i) ASSERT_EQ(table.read(3)[i], 0);
  EXPECT_EQ(budget.used_bytes, kPageBytes);
  ASSERT_TRUE(table.own(3));
  EXPECT_EQ(budget.used_bytes, kPageBytes) << "what is owned is not counted twice";
}

TEST(PageTable, RefusesWhatTheBudgetDoesNotHold) {
  PageBudget budget{2 * kPageBytes, 0};
  PageTable table(budget);
  ASSERT_TRUE(table.own(0));
  ASSERT_TRUE(table.own(1));
  table.write(1)[5] = 'x';
  EXPECT_FALSE(table.own(2));
  EXPECT_FALSE(table.present(2));
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(budget.used_bytes, 2 * kPageBytes);
  EXPECT_EQ(table.read(1)[5], 'x');
}

TEST(PageTable, RefusesPartOfAPage) {
  PageBudget budget{kPageBytes + kPageBytes / 2, 0};
  PageTable table(budget);
  EXPECT_TRUE(table.own(0));
  EXPECT_FALSE(table.own(1));
}

TEST(PageTable, CopiesASharedPageBeforeWriting) {
  PageBudget budget;
  PageTable original(budget);
  ASSERT_TRUE(original.own(0));
  ASSERT_TRUE(original.own(1));
  original.write(0)[0] = 'a';
  PageBudget copy_budget{2 * kPageBytes, 0};
  PageTable copy(original, copy_budget);
  EXPECT_EQ(copy_budget.used_bytes, 2 * kPageBytes) << "shared pages count for both";
  EXPECT_EQ(copy.read(0), original.read(0)) << "shared";
  ASSERT_TRUE(copy.own(0)) << "copying a page takes nothing more of the budget";
  copy.write(0)[0] = 'b';
  EXPECT_EQ(original.read(0)[0], 'a');
  EXPECT_EQ(copy.read(1), original.read(1));
  const char* const before = original.read(0);
  ASSERT_TRUE(original.own(0));
  EXPECT_EQ(original.read(0), before) << "the last owner need not copy";
  EXPECT_FALSE(copy.own(2));
}

TEST(PageTable, OutlivesWhatItWasCopiedFrom) {
  PageBudget budget;
  auto original = std::make_unique<PageTable>(budget);
  ASSERT_TRUE(original->own(0));
  original->write(0)[9] = 'z';
  PageBudget copy_budget;
  PageTable copy(*original, copy_budget);
  original.reset();
  EXPECT_EQ(budget.used_bytes, 0u);
  EXPECT_EQ(copy.read(0)[9], 'z');
}

TEST(PageTable, GivesPagesBackFromTheEnd) {
  PageBudget budget;
  PageTable table(budget);
  for (const std::size_t page : {0u, 1u, 4u}) ASSERT_TRUE(table.own(page));
  table.trim(2);
  EXPECT_EQ(budget.used_bytes, 2 * kPageBytes);
  EXPECT_FALSE(table.present(4));
  ASSERT_TRUE(table.own(4));
  EXPECT_FALSE(table.present(2)) << "a page that was never owned stays absent";
  table.clear();
  EXPECT_EQ(budget.used_bytes, 0u);
  EXPECT_EQ(table.size(), 0u);
}

TEST(PageTable, SwapsPagesAndKeepsAccounts) {
  PageBudget budget;
  PageBudget other_budget;
  PageTable table(budget);
  PageTable other(other_budget);
  ASSERT_TRUE(table.own(0));
  ASSERT_TRUE(other.own(0));
  ASSERT_TRUE(other.own(7));
  table.swap(other);
  EXPECT_EQ(budget.used_bytes, 2 * kPageBytes);
  EXPECT_EQ(other_budget.used_bytes, kPageBytes);
  EXPECT_TRUE(table.present(7));
  EXPECT_FALSE(other.present(7));
}

TEST(PagedArray, KeepsValuesAcrossPages) {
  PageBudget budget;
  PagedArray<std::uint32_t> array(budget);
  constexpr std::size_t kPerPage = kPageBytes / 4;
  ASSERT_TRUE(array.own(kPerPage - 2, 3 * kPerPage + 1));
  EXPECT_EQ(budget.used_bytes, 4 * kPageBytes);
  for (std::uint32_t i = kPerPage - 2; i < 3 * kPerPage + 1; ++i) array.edit(i) = i * 7;
  for (std::uint32_t i = kPerPage - 2; i < 3 * kPerPage + 1; ++i) ASSERT_EQ(array[i], i * 7);
  EXPECT_EQ(array[0], 0u);
  EXPECT_TRUE(array.own(5, 5)) << "nothing of nothing";
  array.trim(kPerPage + 1);
  EXPECT_EQ(budget.used_bytes, 2 * kPageBytes);
  EXPECT_EQ(array[kPerPage], kPerPage * 7);
  array.trim(kPerPage);
  EXPECT_EQ(budget.used_bytes, kPageBytes);
}

TEST(PagedBytes, ReadsAndComparesRunsThatCrossPages) {
  PageBudget budget;
  PagedBytes bytes(budget);
  Prng random(3);
  std::string text(3 * kPageBytes + 17, '\0');
  for (char& each : text) each = static_cast<char>(random.next());
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{kPageBytes - 1}, std::uint64_t{kPageBytes}}) {
    ASSERT_TRUE(bytes.own(offset, offset + text.size()));
    bytes.write(offset, text.data(), text.size());
    std::string back(text.size(), '\0');
    bytes.read(offset, back.data(), back.size());
    EXPECT_TRUE(back == text);
    EXPECT_TRUE(bytes.equals(offset, text));
    std::string other = text;
    other.back() = static_cast<char>(other.back() + 1);
    EXPECT_FALSE(bytes.equals(offset, other));
  }
  EXPECT_TRUE(bytes.own(9, 9));
  EXPECT_TRUE(bytes.equals(1ull << 40, "")) << "no byte is looked at";
}

TEST(PagedBytes, OwnsAsFarAsTheBudgetGoes) {
  PageBudget budget{3 * kPageBytes, 0};
  PagedBytes bytes(budget);
  EXPECT_TRUE(bytes.own(0, 3 * kPageBytes));
  EXPECT_FALSE(bytes.own(0, 3 * kPageBytes + 1));
  bytes.trim(0);
  EXPECT_EQ(budget.used_bytes, 0u);
}

// A hash index of numbers, with hashes as bad as wanted.
class HashChainsTest : public ::testing::Test {
 protected:
  bool insert(HashChains& chains, std::uint32_t hash) {
    const auto item = static_cast<std::uint32_t>(hashes.size());
    if (!chains.reserve(item, hash)) return false;
    chains.insert(item, hash);
    hashes.push_back(hash);
    return true;
  }
  std::vector<std::uint32_t> hashes = {0};  // by item, from 1 on
  PageBudget budget;
};

TEST_F(HashChainsTest, FindsEveryItemWhileItGrows) {
  HashChains chains(budget);
  Prng random(11);
  EXPECT_EQ(chains.find(5, [](std::uint32_t) { return true; }), 0u);
  for (std::uint32_t i = 1; i <= 50'000; ++i) {
    ASSERT_TRUE(insert(chains, static_cast<std::uint32_t>(random.next())));
    const auto item = static_cast<std::uint32_t>(1 + random.below(i));
    ASSERT_EQ(chains.find(hashes[item], [&](std::uint32_t each) { return each == item; }), item);
  }
  for (std::uint32_t item = 1; item <= 50'000; ++item) {
    ASSERT_EQ(chains.find(hashes[item], [&](std::uint32_t each) { return each == item; }), item);
  }
}

TEST_F(HashChainsTest, FindsTheNewestOfEqualKeys) {
  HashChains chains(budget);
  for (int round = 0; round < 500; ++round) {
    for (std::uint32_t key = 0; key < 3; ++key) ASSERT_TRUE(insert(chains, key * 0x10001));
    for (std::uint32_t key = 0; key < 3; ++key) {
      const std::uint32_t hash = key * 0x10001;
      ASSERT_EQ(chains.find(hash, [&](std::uint32_t each) { return hashes[each] == hash; }), hashes.size() - 3 + key);
    }
  }
}

TEST_F(HashChainsTest, KeepsChainsShortForSpreadHashes) {
  HashChains chains(budget);
  Prng random(12);
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(insert(chains, static_cast<std::uint32_t>(random.next())));
  std::uint64_t looked_at = 0;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(chains.find(static_cast<std::uint32_t>(random.next()), [&](std::uint32_t) { return ++looked_at, false; }),
              0u);
  }
  EXPECT_LT(looked_at, 10u) << "only items whose whole hash agrees are looked at";
  EXPECT_LT(budget.used_bytes, 100'000 * 10 + 3 * kPageBytes);
}

TEST_F(HashChainsTest, TakesBackTheNewestItem) {
  HashChains chains(budget);
  Prng random(13);
  for (int i = 0; i < 5'000; ++i) {
    ASSERT_TRUE(insert(chains, static_cast<std::uint32_t>(random.next())));
    if (random.below(3) != 0) continue;
    const auto item = static_cast<std::uint32_t>(hashes.size() - 1);
    chains.remove_newest(item, hashes[item]);
    EXPECT_EQ(chains.find(hashes[item], [&](std::uint32_t each) { return each == item; }), 0u);
    hashes.pop_back();
  }
  for (std::uint32_t item = 1; item < hashes.size(); ++item) {
    ASSERT_EQ(chains.find(hashes[item], [&](std::uint32_t each) { return each == item; }), item);
  }
}

TEST_F(HashChainsTest, GoesOnWhenThereIsNoMemoryToGrow) {
  // 32,768 items fill a page of heads and begin a fifth page of links: the second page of heads is refused.
  budget.max_bytes = 6 * kPageBytes;
  HashChains chains(budget);
  Prng random(14);
  while (insert(chains, static_cast<std::uint32_t>(random.next()))) {
  }
  EXPECT_EQ(hashes.size(), 40'960u);
  for (std::uint32_t item = 1; item < hashes.size(); ++item) {
    ASSERT_EQ(chains.find(hashes[item], [&](std::uint32_t each) { return each == item; }), item);
  }
}

TEST_F(HashChainsTest, AForkIsIndependent) {
  HashChains chains(budget);
  Prng random(15);
  for (int i = 0; i < 3'000; ++i) ASSERT_TRUE(insert(chains, static_cast<std::uint32_t>(random.next())));
  PageBudget fork_budget;
  HashChains fork(chains, fork_budget);
  const std::vector<std::uint32_t> shared = hashes;
  for (int i = 0; i < 3'000; ++i) ASSERT_TRUE(insert(fork, static_cast<std::uint32_t>(random.next())));
  for (std::uint32_t item = 1; item < hashes.size(); ++item) {
    const auto is_item = [&](std::uint32_t each) { return each == item; };
    ASSERT_EQ(fork.find(hashes[item], is_item), item);
    ASSERT_EQ(chains.find(hashes[item], is_item), item < shared.size() ? item : 0);
  }
}

TEST(Interner, NumbersEachTextOnce) {
  PageBudget budget{kUnlimited, 0};
  Interner names(budget);
  EXPECT_EQ(names.find("a"), 0u);
  EXPECT_EQ(names.intern("a"), 1u);
  EXPECT_EQ(names.intern("b"), 2u);
  EXPECT_EQ(names.intern("a"), 1u);
  EXPECT_EQ(names.intern(""), 3u);
  EXPECT_EQ(names.intern(std::string_view("a\0", 2)), 4u) << "a zero byte counts";
  EXPECT_EQ(names.find(""), 3u);
  EXPECT_EQ(names.text(2), "b");
  EXPECT_EQ(names.text(3), "");
  EXPECT_EQ(names.text(4), std::string("a\0", 2));
  EXPECT_EQ(names.count(), 4u);
}

TEST(Interner, HoldsNamesOfAnyLength) {
  PageBudget budget;
  Interner names(budget);
  Prng random(21);
  std::map<std::uint32_t, std::string> known;
  for (const std::size_t size : {1ul, 65'535ul, 65'536ul, 65'537ul, 200'001ul, 7ul, 8ul, 9ul, 15ul, 16ul, 17ul}) {
    std::string text(size, '\0');
    for (char& each : text) each = static_cast<char>(random.next());
    known[names.intern(text)] = text;
    text.back() = static_cast<char>(text.back() + 1);  // differs in its last byte only
    known[names.intern(text)] = text;
  }
  EXPECT_EQ(known.size(), 22u);
  for (const auto& [id, text] : known) {
    EXPECT_TRUE(names.text(id) == text);
    EXPECT_EQ(names.find(text), id);
  }
}

TEST(Interner, AgreesWithAMapOverManyNames) {
  PageBudget budget;
  Interner names(budget);
  std::map<std::string, std::uint32_t> known;
  Prng random(22);
  for (int i = 0; i < 60'000; ++i) {
    const std::string name = "order-" + std::to_string(random.below(40'000));
    const auto [place, is_new] = known.insert({name, static_cast<std::uint32_t>(known.size() + 1)});
    ASSERT_EQ(names.intern(name), place->second);
  }
  EXPECT_EQ(names.count(), known.size());
  for (const auto& [name, id] : known) ASSERT_EQ(names.text(id), name);
}

TEST(Interner, RefusesWithoutMemoryAndStaysAsItWas) {
  PageBudget budget{8 * kPageBytes, 0};
  Interner names(budget);
  ASSERT_EQ(names.intern("first"), 1u);
  const std::uint64_t used = budget.used_bytes;
  EXPECT_EQ(names.intern(std::string(20 * kPageBytes, 'x')), 0u);
  EXPECT_EQ(budget.used_bytes, used) << "a refusal gives back what it took";
  EXPECT_EQ(names.count(), 1u);
  EXPECT_EQ(names.intern("second"), 2u);
  EXPECT_EQ(names.text(1), "first");
}

TEST(Interner, ForgetsTheNewestNames) {
  PageBudget budget;
  Interner names(budget);
  for (int i = 0; i < 1'000; ++i) ASSERT_NE(names.intern("kept-" + std::to_string(i)), 0u);
  const std::uint64_t used = budget.used_bytes;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5'000; ++i) ASSERT_NE(names.intern("lost-" + std::to_string(i) + std::string(100, '.')), 0u);
    names.forget_after(1'000);
    EXPECT_EQ(names.count(), 1'000u);
    EXPECT_EQ(names.find("lost-7" + std::string(100, '.')), 0u);
    EXPECT_EQ(names.text(1'000), "kept-999");
    EXPECT_LE(budget.used_bytes, used + kPageBytes);
  }
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(names.find("kept-" + std::to_string(i)), static_cast<std::uint32_t>(i + 1));
}

}  // namespace
}  // namespace kurrentlite
