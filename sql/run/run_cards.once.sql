-- The rules over card payments that come with medaudit.  What a random year of many
-- shops makes by chance is not worth a look: bursts are told from 1e-5 on, emptied
-- accounts where a pharmacy has several in a month, and many more than others.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind) WHERE book = 'cards' AND kind <> 'round_amounts';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('card_bursts', 'card_bursts', '集中刷卡', '短时间内多张卡先后刷卡',
		'many cards one after the other at one terminal', 'suspicion', 'facility', 'A40(1)', NULL, '条例第四十条第一项', true, true),
	('cards_together', 'cards_together', '聚敛盗刷社保卡', '同一组卡多次先后刷卡',
		'the same cards one after the other time and again', 'suspicion', 'pharmacy', 'A40(1)', NULL, '条例第四十条第一项', true, true),
	('drained_balances', 'drained_balances', '套取现金', '药店清空个人账户余额',
		'accounts emptied at a pharmacy', 'suspicion', 'pharmacy', 'A40(3),A41(3)', NULL, '条例第四十条第三项，第四十一条第三项', true, true),
	('same_amounts', 'same_amounts', '同额刷卡', '同日多张卡刷卡金额相同',
		'one amount by many cards on one date', 'suspicion', 'facility', 'A40(3)', NULL, '条例第四十条第三项', true, true),
	('swipes_in_stay', 'swipes_in_stay', '住院期间院外刷卡', '住院期间在其他机构持卡刷卡',
		'a card paid elsewhere during a stay', 'notice', 'person', 'A17', NULL, '条例第十七条', true, true),
	('impossible_travel', 'impossible_travel', '盗刷社保卡', '短时间内在相距很远的两地刷卡',
		'one card at two places between which nobody travels so fast', 'suspicion', 'person', 'A41(1)', NULL, '条例第四十一条第一项', true, true);

UPDATE rule AS r SET parameters = p.parameters
FROM (VALUES ('card_bursts', jsonb '{"max_p": 1e-5}'),
	('cards_together', '{"min_times": 3, "max_p": 1e-3}'),
	('drained_balances', '{"min_cards": 3, "max_p": 1e-5}')) AS p (rule_code, parameters)
WHERE r.rule_code = p.rule_code;

INSERT INTO evidence_template (kind, zh, en) VALUES
	('card_bursts',
		'{facility_name}[终端{terminal_id}]于{from_at:time}至{to_at:time}有{cards}张卡先后刷卡{swipes}笔，合计{amount:money}；按此前{active_dates}个有刷卡的日期同一时段推算，这段时间应有{expected}笔。',
		'{cards} cards paid {swipes} times at {facility_name}[, terminal {terminal_id}], from {from_at} to {to_at}, {amount} yuan in all; by that hour of the {active_dates} active dates before it would be {expected}.'),
	('cards_together',
		'{window.0:date}至{window.1:date}，{cards}张卡在{dates}个日期于{facility_name}先后刷卡，相隔不超过{minutes}分钟，其中{pairs}对卡各同刷{least_times}次以上，涉及{amount:money}；按各日客流推算，偶然如此的应为{expected_pairs}对。',
		'{cards} cards paid at {facility_name} on {dates} dates from {window.0} to {window.1}, at most {minutes} minutes apart; {pairs} pairs of them {least_times} times or more, {amount} yuan in all; by the crowds of these dates it would be {expected_pairs} pairs.'),
	('drained_balances',
		'{card}的卡于{window.0:date}至{window.1:date}在{facility_name}{dates}次刷至余额{left:money}，合计{amount:money}[，同日另在其他机构刷卡{elsewhere:money}]；该药店当月{cards}张卡中有{emptied}张如此清空，按其他药店推算应为{expected}张。',
		'A card ({card}) was emptied at {facility_name} {dates} times from {window.0} to {window.1}, down to {left} yuan, {amount} in all[, and {elsewhere} elsewhere on these dates]; so were {emptied} of {cards} cards in the month, and {expected} would be as elsewhere.'),
	('same_amounts',
		'{window.0:date}有{cards}张卡在{facility_name}刷卡，金额均为{each:money}，共{swipes}笔、{amount:money}；此前56天{before}笔中为该金额的有{alike}笔。',
		'{cards} cards paid {each} yuan each at {facility_name} on {window.0}, {swipes} times, {amount} in all; of {before} payments in the 56 days before {alike} were of that amount.'),
	('swipes_in_stay',
		'{person_name}在{record}住院期间，于{dates:date}持卡在{places}刷卡{swipes}笔，合计{amount:money}。',
		'{person_name}, in hospital from {window.0} to {window.1}, paid by card at {places} on {dates}, {swipes} times, {amount} yuan in all.'),
	('impossible_travel',
		'[{person_name}的]{card}卡于{at:time}在{place}刷卡，{minutes}分钟后又在{other_place}刷卡[，两地直线距离{km}公里，所需时速超过{limit}公里]。',
		'The card ({card})[ of {person_name}] paid at {place} at {at} and {minutes} minutes later at {other_place}[, {km} km away, faster than {limit} km/h].');
