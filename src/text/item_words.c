/*
 * item_words.c
 *		The words that names of drugs and services are read by, in one list.
 *
 * They are compiled once per backend into an array sorted by first code point,
 * so that a word is found by a binary search and a few comparisons.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/memutils.h"

#include "text/item_words.h"

typedef struct WordSource
{
	const char *word;			/* UTF-8, in normal form */
	WordClass	class;
	int			value;
	double		factor;
} WordSource;

/*
 * Equal values are the same veto or form.  A number that every name of a kind
 * carries is in unit words, not here.
 */
static const WordSource word_sources[] = {
	{"左", WORD_VETO, 0, 0}, {"右", WORD_VETO, 1, 0},
	{"单侧", WORD_VETO, 2, 0}, {"双侧", WORD_VETO, 3, 0},
	{"单胎", WORD_VETO, 4, 0}, {"双胎", WORD_VETO, 5, 0},
	{"单人", WORD_VETO, 6, 0}, {"双人", WORD_VETO, 7, 0},
	{"单腔", WORD_VETO, 8, 0}, {"双腔", WORD_VETO, 9, 0},
	{"单眼", WORD_VETO, 10, 0}, {"双眼", WORD_VETO, 11, 0},
	{"单极", WORD_VETO, 12, 0}, {"双极", WORD_VETO, 13, 0},
	{"平扫", WORD_VETO, 14, 0}, {"增强", WORD_VETO, 15, 0},
	{"首次", WORD_VETO, 16, 0}, {"初次", WORD_VETO, 16, 0},
	{"每增加", WORD_VETO, 17, 0}, {"每加", WORD_VETO, 17, 0},
	{"加收", WORD_VETO, 18, 0}, {"再次", WORD_VETO, 19, 0},
	{"浓", WORD_VETO, 20, 0}, {"复方", WORD_VETO, 21, 0},
	{"小儿", WORD_VETO, 22, 0}, {"儿童", WORD_VETO, 22, 0},
	{"新生儿", WORD_VETO, 23, 0}, {"缓释", WORD_VETO, 24, 0},
	{"控释", WORD_VETO, 25, 0}, {"肠溶", WORD_VETO, 26, 0},
	{"无痛", WORD_VETO, 27, 0}, {"急诊", WORD_VETO, 28, 0},
	{"床旁", WORD_VETO, 29, 0}, {"床边", WORD_VETO, 29, 0},
	{"定性", WORD_VETO, 30, 0}, {"定量", WORD_VETO, 31, 0},
	{"根治", WORD_VETO, 32, 0}, {"次全", WORD_VETO, 33, 0},
	{"开放", WORD_VETO, 34, 0}, {"腹腔镜", WORD_VETO, 35, 0},
	{"胸腔镜", WORD_VETO, 36, 0}, {"宫腔镜", WORD_VETO, 37, 0},
	{"关节镜", WORD_VETO, 38, 0}, {"内镜", WORD_VETO, 39, 0},
	{"内窥镜", WORD_VETO, 39, 0}, {"机器人", WORD_VETO, 40, 0},
	{"甲型", WORD_VETO, 41, 0}, {"甲肝", WORD_VETO, 41, 0},
	{"乙型", WORD_VETO, 42, 0}, {"乙肝", WORD_VETO, 42, 0},
	{"丙型", WORD_VETO, 43, 0}, {"丙肝", WORD_VETO, 43, 0},
	{"丁型", WORD_VETO, 44, 0}, {"丁肝", WORD_VETO, 44, 0},
	{"戊型", WORD_VETO, 45, 0}, {"戊肝", WORD_VETO, 45, 0},
	{"(大)", WORD_VETO, 46, 0}, {"大换药", WORD_VETO, 46, 0},
	{"大抢救", WORD_VETO, 46, 0}, {"大清创", WORD_VETO, 46, 0},
	{"(中)", WORD_VETO, 47, 0}, {"中换药", WORD_VETO, 47, 0},
	{"中抢救", WORD_VETO, 47, 0}, {"中清创", WORD_VETO, 47, 0},
	{"(小)", WORD_VETO, 48, 0}, {"小换药", WORD_VETO, 48, 0},
	{"小抢救", WORD_VETO, 48, 0}, {"小清创", WORD_VETO, 48, 0},
	{"(特大)", WORD_VETO, 49, 0}, {"特大换药", WORD_VETO, 49, 0},
	{"特级", WORD_VETO, 50, 0}, {"上肢", WORD_VETO, 51, 0},
	{"下肢", WORD_VETO, 52, 0}, {"浅", WORD_VETO, 53, 0},
	{"深", WORD_VETO, 54, 0}, {"动态", WORD_VETO, 55, 0},
	{"黑白", WORD_VETO, 56, 0}, {"彩色", WORD_VETO, 57, 0},
	{"彩超", WORD_VETO, 57, 0}, {"b超", WORD_VETO, 58, 0},
	{"游离", WORD_VETO, 59, 0}, {"ft3", WORD_VETO, 59, 0},
	{"ft4", WORD_VETO, 59, 0}, {"fpsa", WORD_VETO, 59, 0},
	{"f-psa", WORD_VETO, 59, 0},
	{"直接", WORD_VETO, 60, 0}, {"间接", WORD_VETO, 61, 0},
	{"超敏", WORD_VETO, 62, 0}, {"高敏", WORD_VETO, 62, 0},
	{"hs-crp", WORD_VETO, 62, 0}, {"hscrp", WORD_VETO, 62, 0},
	{"同工酶", WORD_VETO, 63, 0}, {"ck-mb", WORD_VETO, 63, 0},
	{"ckmb", WORD_VETO, 63, 0},

	{"抗原", WORD_CONTRAST, CONTRAST_ANTIGEN, 1},
	{"抗体", WORD_CONTRAST, CONTRAST_ANTIGEN, 2},
	{"表面", WORD_CONTRAST, CONTRAST_MARKER, 1},
	{"hbsag", WORD_CONTRAST, CONTRAST_MARKER, 1},
	{"hbsab", WORD_CONTRAST, CONTRAST_MARKER, 1},
	{"e抗", WORD_CONTRAST, CONTRAST_MARKER, 2},
	{"hbeag", WORD_CONTRAST, CONTRAST_MARKER, 2},
	{"hbeab", WORD_CONTRAST, CONTRAST_MARKER, 2},
	{"核心抗", WORD_CONTRAST, CONTRAST_MARKER, 3},
	{"hbcab", WORD_CONTRAST, CONTRAST_MARKER, 3},
	{"hbcag", WORD_CONTRAST, CONTRAST_MARKER, 3},
	{"高密度", WORD_CONTRAST, CONTRAST_DENSITY, 1},
	{"低密度", WORD_CONTRAST, CONTRAST_DENSITY, 2},
	{"极低密度", WORD_CONTRAST, CONTRAST_DENSITY, 3},
	{"单", WORD_CONTRAST, CONTRAST_SINGLE, 1},
	{"双", WORD_CONTRAST, CONTRAST_SINGLE, 2},
	{"单核", WORD_CONTRAST, CONTRAST_SINGLE, 0},
	{"单克隆", WORD_CONTRAST, CONTRAST_SINGLE, 0},
	{"双歧", WORD_CONTRAST, CONTRAST_SINGLE, 0},
	{"双氯", WORD_CONTRAST, CONTRAST_SINGLE, 0},
	{"定性", WORD_CONTRAST, CONTRAST_QUANTITY, 1},
	{"定量", WORD_CONTRAST, CONTRAST_QUANTITY, 2},
	{"半定量", WORD_CONTRAST, CONTRAST_QUANTITY, 3},
	{"动脉", WORD_CONTRAST, CONTRAST_VESSEL, 1},
	{"静脉", WORD_CONTRAST, CONTRAST_VESSEL, 2},
	{"动静脉", WORD_CONTRAST, CONTRAST_VESSEL, 3},
	{"上腹", WORD_CONTRAST, CONTRAST_ABDOMEN, 1},
	{"下腹", WORD_CONTRAST, CONTRAST_ABDOMEN, 2},
	{"全腹", WORD_CONTRAST, CONTRAST_ABDOMEN, 3},
	{"上颌", WORD_CONTRAST, CONTRAST_JAW, 1},
	{"下颌", WORD_CONTRAST, CONTRAST_JAW, 2},
	{"上消化道", WORD_CONTRAST, CONTRAST_TRACT, 1},
	{"下消化道", WORD_CONTRAST, CONTRAST_TRACT, 2},
	{"男", WORD_CONTRAST, CONTRAST_SEX, 1},
	{"女", WORD_CONTRAST, CONTRAST_SEX, 2},
	{"门诊", WORD_CONTRAST, CONTRAST_SETTING, 1},
	{"住院", WORD_CONTRAST, CONTRAST_SETTING, 2},
	{"主任", WORD_CONTRAST, CONTRAST_RANK, 1},
	{"副主任", WORD_CONTRAST, CONTRAST_RANK, 2},
	{"主治", WORD_CONTRAST, CONTRAST_RANK, 3},
	{"全麻", WORD_CONTRAST, CONTRAST_ANESTHESIA, 1},
	{"全身麻醉", WORD_CONTRAST, CONTRAST_ANESTHESIA, 1},
	{"局麻", WORD_CONTRAST, CONTRAST_ANESTHESIA, 2},
	{"局部麻醉", WORD_CONTRAST, CONTRAST_ANESTHESIA, 2},
	{"开放", WORD_CONTRAST, CONTRAST_OPENNESS, 1},
	{"闭合", WORD_CONTRAST, CONTRAST_OPENNESS, 2},
	{"单纯", WORD_CONTRAST, CONTRAST_COMPLEXITY, 1},
	{"复杂", WORD_CONTRAST, CONTRAST_COMPLEXITY, 2},

	{"kg", WORD_UNIT, NUMBER_MASS, 1e9}, {"g", WORD_UNIT, NUMBER_MASS, 1e6},
	{"mg", WORD_UNIT, NUMBER_MASS, 1e3}, {"μg", WORD_UNIT, NUMBER_MASS, 1},
	{"l", WORD_UNIT, NUMBER_VOLUME, 1e6}, {"ml", WORD_UNIT, NUMBER_VOLUME, 1e3},
	{"μl", WORD_UNIT, NUMBER_VOLUME, 1},
	{"u", WORD_UNIT, NUMBER_ACTIVITY, 1},
	{"万u", WORD_UNIT, NUMBER_ACTIVITY, 1e4},
	{"%", WORD_UNIT, NUMBER_PERCENT, 1},
	{"m", WORD_UNIT, NUMBER_LENGTH, 1e3}, {"cm", WORD_UNIT, NUMBER_LENGTH, 10},
	{"mm", WORD_UNIT, NUMBER_LENGTH, 1},
	{"片", WORD_UNIT, NUMBER_PACK, 1}, {"粒", WORD_UNIT, NUMBER_PACK, 1},
	{"支", WORD_UNIT, NUMBER_PACK, 1}, {"瓶", WORD_UNIT, NUMBER_PACK, 1},
	{"袋", WORD_UNIT, NUMBER_PACK, 1}, {"丸", WORD_UNIT, NUMBER_PACK, 1},
	{"包", WORD_UNIT, NUMBER_PACK, 1}, {"贴", WORD_UNIT, NUMBER_PACK, 1},
	{"枚", WORD_UNIT, NUMBER_PACK, 1}, {"板", WORD_UNIT, NUMBER_PACK, 1},
	{"盒", WORD_UNIT, NUMBER_PACK, 1}, {"s", WORD_UNIT, NUMBER_PACK, 1},
	{"导联", WORD_UNIT, NUMBER_LEADS, 1}, {"导", WORD_UNIT, NUMBER_LEADS, 1},
	{"项", WORD_UNIT, NUMBER_ITEMS, 1}, {"次", WORD_UNIT, NUMBER_TIMES, 1},
	{"个", WORD_UNIT, NUMBER_PIECES, 1}, {"根", WORD_UNIT, NUMBER_PIECES, 1},
	{"颗", WORD_UNIT, NUMBER_PIECES, 1}, {"条", WORD_UNIT, NUMBER_PIECES, 1},
	{"部位", WORD_UNIT, NUMBER_SITES, 1}, {"个部位", WORD_UNIT, NUMBER_SITES, 1},
	{"联", WORD_UNIT, NUMBER_JOINED, 1}, {"通道", WORD_UNIT, NUMBER_CHANNELS, 1},
	{"道", WORD_UNIT, NUMBER_CHANNELS, 1}, {"维", WORD_UNIT, NUMBER_DIMENSIONS, 1},
	{"腔", WORD_UNIT, NUMBER_LUMENS, 1}, {"价", WORD_UNIT, NUMBER_VALENCES, 1},
	{"型", WORD_UNIT, NUMBER_TYPE, 1}, {"期", WORD_UNIT, NUMBER_STAGE, 1},
	{"级", WORD_UNIT, NUMBER_GRADE, 1}, {"度", WORD_UNIT, NUMBER_DEGREE, 1},
	{"代", WORD_UNIT, NUMBER_GENERATION, 1},
	{"小时", WORD_UNIT, NUMBER_HOURS, 60}, {"h", WORD_UNIT, NUMBER_HOURS, 60},
	{"分钟", WORD_UNIT, NUMBER_HOURS, 1}, {"min", WORD_UNIT, NUMBER_HOURS, 1},
	{"日", WORD_UNIT, NUMBER_DAYS, 1}, {"天", WORD_UNIT, NUMBER_DAYS, 1},
	{"人", WORD_UNIT, NUMBER_PERSONS, 1}, {"层", WORD_UNIT, NUMBER_LEVELS, 1},
	{"分类", WORD_UNIT, NUMBER_CLASSES, 1}, {"分群", WORD_UNIT, NUMBER_CLASSES, 1},
	{"排", WORD_UNIT, NUMBER_ROWS, 1}, {"针", WORD_UNIT, NUMBER_NEEDLES, 1},
	{"孔", WORD_UNIT, NUMBER_HOLES, 1}, {"管", WORD_UNIT, NUMBER_TUBES, 1},
	{"节段", WORD_UNIT, NUMBER_SEGMENTS, 1}, {"处", WORD_UNIT, NUMBER_PLACES, 1},
	{"相", WORD_UNIT, NUMBER_PHASES, 1}, {"类", WORD_UNIT, NUMBER_CATEGORY, 1},

	{"注射液", WORD_FORM, 1, 0}, {"注射剂", WORD_FORM, 1, 0},
	{"注射用", WORD_FORM_BEFORE, 2, 0}, {"粉针剂", WORD_FORM, 2, 0},
	{"粉针", WORD_FORM, 2, 0},
	{"软胶囊", WORD_FORM, 3, 0}, {"硬胶囊", WORD_FORM, 4, 0},
	{"胶囊剂", WORD_FORM, 4, 0}, {"胶囊", WORD_FORM, 4, 0},
	{"薄膜衣片", WORD_FORM, 5, 0}, {"糖衣片", WORD_FORM, 5, 0},
	{"片剂", WORD_FORM, 5, 0}, {"片", WORD_FORM, 5, 0},
	{"分散片", WORD_FORM, 6, 0}, {"咀嚼片", WORD_FORM, 7, 0},
	{"泡腾片", WORD_FORM, 8, 0}, {"颗粒剂", WORD_FORM, 9, 0},
	{"颗粒", WORD_FORM, 9, 0}, {"冲剂", WORD_FORM, 9, 0},
	{"口服液", WORD_FORM, 10, 0}, {"口服溶液", WORD_FORM, 10, 0},
	{"合剂", WORD_FORM, 10, 0}, {"糖浆", WORD_FORM, 11, 0},
	{"滴丸", WORD_FORM, 12, 0}, {"丸", WORD_FORM, 13, 0},
	{"乳膏", WORD_FORM, 14, 0}, {"软膏", WORD_FORM, 15, 0},
	{"凝胶", WORD_FORM, 16, 0}, {"滴眼液", WORD_FORM, 17, 0},
	{"喷雾剂", WORD_FORM, 18, 0}, {"气雾剂", WORD_FORM, 19, 0},
	{"栓剂", WORD_FORM, 20, 0}, {"栓", WORD_FORM, 20, 0},
	{"贴膏", WORD_FORM, 21, 0}, {"贴剂", WORD_FORM, 21, 0},
	{"混悬液", WORD_FORM, 22, 0}, {"干混悬剂", WORD_FORM, 23, 0},

	{"检测", WORD_ENDING, 0, 0}, {"测定", WORD_ENDING, 0, 0},
	{"检查", WORD_ENDING, 0, 0}, {"检验", WORD_ENDING, 0, 0},
	{"费", WORD_ENDING, 0, 0},

	{"甲", WORD_TAG, 0, 0}, {"乙", WORD_TAG, 0, 0}, {"丙", WORD_TAG, 0, 0},
	{"甲类", WORD_TAG, 1, 0}, {"乙类", WORD_TAG, 1, 0},
	{"丙类", WORD_TAG, 1, 0}, {"集采", WORD_TAG, 1, 0},
	{"国谈", WORD_TAG, 1, 0}, {"谈判", WORD_TAG, 1, 0},
	{"自费", WORD_TAG, 1, 0}, {"进口", WORD_TAG, 1, 0},
	{"国产", WORD_TAG, 1, 0}, {"医保", WORD_TAG, 1, 0},
	{"基药", WORD_TAG, 1, 0}, {"省采", WORD_TAG, 1, 0},
	{"中选", WORD_TAG, 1, 0}, {"带量", WORD_TAG, 1, 0},
	{"zy-", WORD_TAG, 1, 0},

	{"药业", WORD_MAKER, 0, 0}, {"制药", WORD_MAKER, 0, 0},
	{"公司", WORD_MAKER, 0, 0}, {"厂", WORD_MAKER, 0, 0},
	{"股份", WORD_MAKER, 0, 0}, {"集团", WORD_MAKER, 0, 0},
	{"医药", WORD_MAKER, 0, 0}, {"生物", WORD_MAKER, 0, 0},
};

static Word *words;				/* by first code point, longest first */

static int
compare_words(const void *a, const void *b)
{
	const Word *x = a;
	const Word *y = b;

	if (x->points[0] != y->points[0])
		return x->points[0] > y->points[0] ? 1 : -1;
	return y->length - x->length;
}

/* Compiles the words, once per backend. */
void
item_words_load(void)
{
	Word	   *loaded;

	if (words != NULL)
		return;
	loaded = MemoryContextAllocZero(TopMemoryContext,
									lengthof(word_sources) * sizeof(Word));
	for (int i = 0; i < (int) lengthof(word_sources); i++)
	{
		const WordSource *source = &word_sources[i];

		Assert(strlen(source->word) <= WORD_LIMIT * 3);
		loaded[i].length = fold_decode(source->word, strlen(source->word),
									   loaded[i].points);
		loaded[i].class = source->class;
		loaded[i].value = source->value;
		loaded[i].factor = source->factor;
	}
	qsort(loaded, lengthof(word_sources), sizeof(Word), compare_words);
	words = loaded;
}

/* The longest word of CLASS at POINTS, NULL if there is none. */
const Word *
item_word_at(WordClass class, const uint32 *points, int count)
{
	int			low = 0;
	int			high = lengthof(word_sources);

	if (count <= 0)
		return NULL;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (words[middle].points[0] < points[0])
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < (int) lengthof(word_sources) &&
		 words[low].points[0] == points[0]; low++)
		if (words[low].class == class && words[low].length <= count &&
			memcmp(words[low].points, points,
				   words[low].length * sizeof(uint32)) == 0)
			return &words[low];
	return NULL;
}

/* The longest word of CLASS that ends TEXT. */
const Word *
item_word_at_end(WordClass class, const PointText *name)
{
	for (int length = Min(WORD_LIMIT, name->length); length > 0; length--)
	{
		const Word *word = item_word_at(class, name->points + name->length - length,
										length);

		if (word != NULL && word->length == length)
			return word;
	}
	return NULL;
}
