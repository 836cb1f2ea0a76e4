-- Articles of law: one printed form (条例第三十八条第三项) and one code for
-- machines (A38(3)).  A is Regulation 735 (医疗保障基金使用监督管理条例), D its
-- implementing rules (条例实施细则), and D alone all of them.  A point and a
-- number is a paragraph (款), brackets are an item (项).
--
-- Where a database is not in UTF-8 this text is bytes, so that nothing here
-- counts characters or names them in a class.

CREATE OR REPLACE FUNCTION _ordinal_zh(n int) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN n BETWEEN 1 AND 99 THEN concat(
		CASE WHEN n >= 20 THEN (ARRAY['一', '二', '三', '四', '五', '六', '七', '八', '九'])[n / 10] END,
		CASE WHEN n >= 10 THEN '十' END,
		(ARRAY['一', '二', '三', '四', '五', '六', '七', '八', '九'])[n % 10]) END;

COMMENT ON FUNCTION _ordinal_zh(int) IS
	'汉字序数: 1 to 99 in Chinese numerals, as 三十八; NULL for other numbers and for NULL';

CREATE OR REPLACE FUNCTION _ordinal_of(numeral text) RETURNS int
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE
		WHEN numeral ~ '^[1-9][0-9]?$' THEN numeral::int
		WHEN numeral ~ '^(一|二|三|四|五|六|七|八|九)?十(一|二|三|四|五|六|七|八|九)?$' THEN
			10 * coalesce(array_position(ARRAY['一', '二', '三', '四', '五', '六', '七', '八', '九'],
				split_part(numeral, '十', 1)), 1)
			+ coalesce(array_position(ARRAY['一', '二', '三', '四', '五', '六', '七', '八', '九'],
				split_part(numeral, '十', 2)), 0)
		ELSE array_position(ARRAY['一', '二', '三', '四', '五', '六', '七', '八', '九'], numeral) END;

COMMENT ON FUNCTION _ordinal_of(text) IS
	'序数: 1 to 99 of Chinese numerals or digits; NULL for other text and for NULL';

-- The articles that a text names, in its order.  What stands before a part
-- holds for it until it is said anew: 第三十八条第一项、第三项 are two items of one
-- article.
CREATE OR REPLACE FUNCTION _article_parts(article text) RETURNS TABLE (law text, article_no int,
	paragraph_no int, item_no int)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 2
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	number CONSTANT text := '([0-9]+|(?:一|二|三|四|五|六|七|八|九|十)+)';
	code CONSTANT text := '^([AD])(?:([0-9]+)(?:\.([0-9]+))?(?:\(([0-9]+)\))?)?$';
	written CONSTANT text := '^(?:《?(医疗保障基金使用监督管理条例|条例)?(实施细则|细则)?》?(?:\(国务院令第735号\))?)'
		|| '(?:第?' || number || '条)?(?:第?\(?' || number || '\)?款)?(?:第?\(?' || number || '\)?项|\('
		|| number || '\))?$';
	marks CONSTANT text[] := '{（,(,）,),．,.,；,;,，,;,、,;,和,;,及,;,　,""}';
	clean text := translate(article, E'ad, \t\n\r', 'AD;');
	part text;
	said text[];
	laws text[] := '{}';
	articles int[] := '{}';
	paragraphs int[] := '{}';
	items int[] := '{}';
BEGIN
	IF article IS NULL THEN
		RETURN;
	END IF;
	FOR i IN 1 .. cardinality(marks) BY 2 LOOP
		clean := replace(clean, marks[i], marks[i + 1]);
	END LOOP;
	FOREACH part IN ARRAY string_to_array(clean, ';') LOOP
		said := regexp_match(part, code);
		IF said IS NOT NULL THEN
			law := said[1];
			article_no := medaudit._ordinal_of(said[2]);
			paragraph_no := medaudit._ordinal_of(said[3]);
			item_no := medaudit._ordinal_of(said[4]);
		ELSE
			said := regexp_match(part, written);
			-- nothing at all matches, too
			IF said IS NULL OR part = '' THEN
				RETURN;
			END IF;
			said := ARRAY[CASE WHEN said[2] IS NOT NULL THEN 'D' WHEN said[1] IS NOT NULL THEN 'A' END,
				said[3], said[4], coalesce(said[5], said[6])];
			law := coalesce(said[1], law, 'A');
			paragraph_no := CASE WHEN said[1] IS NULL AND said[2] IS NULL AND said[3] IS NULL
				THEN paragraph_no ELSE medaudit._ordinal_of(said[3]) END;
			article_no := CASE WHEN said[1] IS NULL AND said[2] IS NULL
				THEN article_no ELSE medaudit._ordinal_of(said[2]) END;
			item_no := medaudit._ordinal_of(said[4]);
		END IF;
		-- a number that is none, or a law without an article, but for the rules
		IF said[2] IS NOT NULL AND article_no IS NULL OR said[3] IS NOT NULL AND paragraph_no IS NULL
				OR said[4] IS NOT NULL AND item_no IS NULL
				OR article_no IS NULL AND (law = 'A' OR said[3] IS NOT NULL OR said[4] IS NOT NULL) THEN
			RETURN;
		END IF;
		laws := laws || law;
		articles := articles || article_no;
		paragraphs := paragraphs || paragraph_no;
		items := items || item_no;
	END LOOP;
	RETURN QUERY SELECT * FROM unnest(laws, articles, paragraphs, items);
END
$$;

COMMENT ON FUNCTION _article_parts(text) IS
	'条款分解: law (A: 条例, D: 条例实施细则), article, paragraph (款) and item (项) of each article that a text names, written or as a code; no rows for text that is not understood to its end, and for NULL';

CREATE OR REPLACE FUNCTION article_code(article text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT string_agg(concat(p.law, p.article_no, '.' || p.paragraph_no,
			'(' || p.item_no || ')'), ',' ORDER BY p.place)
		FROM medaudit._article_parts(article) WITH ORDINALITY
			AS p (law, article_no, paragraph_no, item_no, place));

COMMENT ON FUNCTION article_code(text) IS
	'条款编码: code of articles of law, written or coded: 条例第三十八条第三项 is A38(3), 第四十一条第二款 A41.2, 条例实施细则第五条 D5, 条例实施细则 D; several are joined by commas; NULL for text that is not understood, and for NULL';

CREATE OR REPLACE FUNCTION article_zh(article text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce((SELECT string_agg(concat(
			CASE WHEN p.law IS DISTINCT FROM p.law_before
				THEN CASE p.law WHEN 'D' THEN '条例实施细则' ELSE '条例' END END,
			'第' || medaudit._ordinal_zh(p.article_no) || '条',
			'第' || medaudit._ordinal_zh(p.paragraph_no) || '款',
			'第' || medaudit._ordinal_zh(p.item_no) || '项'), '、' ORDER BY p.place)
		FROM (SELECT i.*, lag(i.law) OVER (ORDER BY i.place) AS law_before
			FROM medaudit._article_parts(article) WITH ORDINALITY
				AS i (law, article_no, paragraph_no, item_no, place)) AS p), article);

COMMENT ON FUNCTION article_zh(text) IS
	'法规条款: articles of law as printed, whether they come written or as a code: A38(3) is 条例第三十八条第三项, A17,A41.2 条例第十七条、第四十一条第二款; text that is not understood comes back as it is; NULL for NULL';

-- What the articles say that findings rest on, in short.
CREATE OR REPLACE FUNCTION _article_says(code text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE code
		WHEN 'A11' THEN '医疗保障经办机构与定点医药机构协商确定医疗保障基金预算金额和拨付时限，签订服务协议，明确违反协议的责任'
		WHEN 'A15' THEN '定点医药机构不得分解住院、挂床住院，不得过度诊疗、分解处方、超量开药、重复开药，不得重复收费、超标准收费、分解项目收费，不得串换项目，不得诱导、协助他人冒名或者虚假就医、购药'
		WHEN 'A16' THEN '定点医药机构应当按照规定保管财务账目、处方、病历、费用明细、药品和医用耗材出入库记录等资料'
		WHEN 'A17' THEN '参保人员应当持本人医疗保障凭证就医、购药，防止他人冒名使用，不得重复享受待遇'
		WHEN 'A37' THEN '医疗保障经办机构通过伪造、变造、隐匿、销毁有关资料或者虚构医药服务项目等方式骗取医疗保障基金支出'
		WHEN 'A38(1)' THEN '分解住院、挂床住院'
		WHEN 'A38(2)' THEN '违反诊疗规范过度诊疗、过度检查、分解处方、超量开药、重复开药或者提供其他不必要的医药服务'
		WHEN 'A38(3)' THEN '重复收费、超标准收费、分解项目收费'
		WHEN 'A38(4)' THEN '串换药品、医用耗材、诊疗项目和服务设施'
		WHEN 'A38(5)' THEN '为参保人员利用其享受医疗保障待遇的机会转卖药品，接受返还现金、实物或者获得其他非法利益提供便利'
		WHEN 'A38(6)' THEN '将不属于医疗保障基金支付范围的医药费用纳入医疗保障基金结算'
		WHEN 'A38(7)' THEN '造成医疗保障基金损失的其他违法行为'
		WHEN 'A40(1)' THEN '诱导、协助他人冒名或者虚假就医、购药，提供虚假证明材料，或者串通他人虚开费用单据'
		WHEN 'A40(2)' THEN '伪造、变造、隐匿、涂改、销毁医学文书、医学证明、会计凭证、电子信息等有关资料'
		WHEN 'A40(3)' THEN '虚构医药服务项目'
		WHEN 'A40(4)' THEN '其他骗取医疗保障基金支出的行为'
		WHEN 'A40.2' THEN '以骗取医疗保障基金为目的，实施第三十八条规定行为之一，造成医疗保障基金损失'
		WHEN 'A41(1)' THEN '将本人的医疗保障凭证交由他人冒名使用'
		WHEN 'A41(2)' THEN '重复享受医疗保障待遇'
		WHEN 'A41(3)' THEN '利用享受医疗保障待遇的机会转卖药品，接受返还现金、实物或者获得其他非法利益'
		WHEN 'A41.2' THEN '个人以骗取医疗保障基金为目的实施前款行为，或者冒名就医、购药，或者以伪造资料等方式骗取医疗保障基金支出'
		END;

COMMENT ON FUNCTION _article_says(text) IS
	'条款内容: what one article of law says, in short, by its code; NULL for other articles, and for NULL';

CREATE OR REPLACE FUNCTION _articles_say(article text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT string_agg(s.says, '；' ORDER BY s.place)
		FROM (SELECT medaudit._article_says(c.code) AS says, c.place
			FROM unnest(string_to_array(medaudit.article_code(article), ',')) WITH ORDINALITY AS c (code, place)) AS s);

COMMENT ON FUNCTION _articles_say(text) IS
	'条款内容: what articles of law say, in short, written or coded, several joined';

-- Views ask it of each finding: one code is answered in place, without a query.
CREATE OR REPLACE FUNCTION article_text(article text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN article IS NULL THEN NULL ELSE coalesce(medaudit._article_says(article), medaudit._articles_say(article)) END;

COMMENT ON FUNCTION article_text(text) IS
	'条款内容: what articles of law say, in short, written or coded: A38(3) is 重复收费、超标准收费、分解项目收费; several are joined by ；; NULL where none of them is known, for text that is not understood, and for NULL';

-- The implementing rules, in force since 2026-04-01, name charges that are
-- settled again; they hold for what is settled from that day on.
CREATE OR REPLACE FUNCTION finding_article(kind text, article text, settled_on date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN kind = 'resettled' AND settled_on >= date '2026-04-01'
			AND coalesce(article, '') !~ '实施细则'
		THEN concat_ws('、', article, '条例实施细则') ELSE article END;

COMMENT ON FUNCTION finding_article(text, text, date) IS
	'发现的法规条款: the article of the rule; of charges settled again (kind resettled) with 条例实施细则 where the later visit was settled on 2026-04-01 or after';
